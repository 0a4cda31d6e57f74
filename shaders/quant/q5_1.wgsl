#import "lib/bytes.wgsl"

// Q5_1: w = d q + m. Six words: d and m; fifth bits; byte j: q[j] and q[j + 16] without theirs.
fn decode_32$(at: u32) -> array<vec4<f32>, 8> {
  let s = scales$(at);
  let q = codes$(at);
  return array<vec4<f32>, 8>(
    s.x * bytes_less(q[0], 0.0) - s.y,
    s.x * bytes_less(q[1], 0.0) - s.y,
    s.x * bytes_less(q[2], 0.0) - s.y,
    s.x * bytes_less(q[3], 0.0) - s.y,
    s.x * bytes_less(q[4], 0.0) - s.y,
    s.x * bytes_less(q[5], 0.0) - s.y,
    s.x * bytes_less(q[6], 0.0) - s.y,
    s.x * bytes_less(q[7], 0.0) - s.y
  );
}

fn ints_32$(at: u32) -> Ints$ {
  let s = scales$(at);
  let q = codes$(at);
  return Ints$(
    q,
    vec2<f32>(s.x),
    s.y
  );
}

// d and -m.
fn scales$(at: u32) -> vec2<f32> {
  return from_halves(weights$[at * 6u]) * vec2<f32>(1.0, -1.0);
}

fn codes$(at: u32) -> array<u32, 8> {
  let w = at * 6u;
  let high = weights$[w + 1u];
  let a = weights$[w + 2u];
  let b = weights$[w + 3u];
  let c = weights$[w + 4u];
  let d = weights$[w + 5u];
  return array<u32, 8>(
    code$(a, high),
    code$(b, high >> 4u),
    code$(c, high >> 8u),
    code$(d, high >> 12u),
    code$(a >> 4u, high >> 16u),
    code$(b >> 4u, high >> 20u),
    code$(c >> 4u, high >> 24u),
    code$(d >> 4u, high >> 28u)
  );
}

fn code$(low: u32, fifth: u32) -> u32 {
  return (low & 0x0f0f0f0fu) | (bits_as_bytes(fifth) << 4u);
}
