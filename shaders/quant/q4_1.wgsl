#import "lib/bytes.wgsl"

// Q4_1: w = d q + m. Five words: d and m; byte j: q[j] and q[j + 16].
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
  return from_halves(weights$[at * 5u]) * vec2<f32>(1.0, -1.0);
}

fn codes$(at: u32) -> array<u32, 8> {
  let w = at * 5u;
  let a = weights$[w + 1u];
  let b = weights$[w + 2u];
  let c = weights$[w + 3u];
  let d = weights$[w + 4u];
  return array<u32, 8>(
    a & 0x0f0f0f0fu,
    b & 0x0f0f0f0fu,
    c & 0x0f0f0f0fu,
    d & 0x0f0f0f0fu,
    (a >> 4u) & 0x0f0f0f0fu,
    (b >> 4u) & 0x0f0f0f0fu,
    (c >> 4u) & 0x0f0f0f0fu,
    (d >> 4u) & 0x0f0f0f0fu
  );
}
