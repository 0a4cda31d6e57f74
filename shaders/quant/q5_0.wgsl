#import "lib/bytes.wgsl"

// Q5_0: w = d (q - 16). Five words: fifth bits; byte j: q[j] and q[j + 16] without theirs. Small: d.
fn decode_32$(at: u32) -> array<vec4<f32>, 8> {
  let s = scales$(at);
  let q = codes$(at);
  return array<vec4<f32>, 8>(
    s.x * bytes_less(q[0], 16.0),
    s.x * bytes_less(q[1], 16.0),
    s.x * bytes_less(q[2], 16.0),
    s.x * bytes_less(q[3], 16.0),
    s.y * bytes_less(q[4], 16.0),
    s.y * bytes_less(q[5], 16.0),
    s.y * bytes_less(q[6], 16.0),
    s.y * bytes_less(q[7], 16.0)
  );
}

fn ints_32$(at: u32) -> Ints$ {
  let s = scales$(at);
  let q = codes$(at);
  return Ints$(
    array<u32, 8>(
      recentred(q[0], 0x10101010u),
      recentred(q[1], 0x10101010u),
      recentred(q[2], 0x10101010u),
      recentred(q[3], 0x10101010u),
      recentred(q[4], 0x10101010u),
      recentred(q[5], 0x10101010u),
      recentred(q[6], 0x10101010u),
      recentred(q[7], 0x10101010u)
    ),
    s,
    0.0
  );
}

fn scales$(at: u32) -> vec2<f32> {
  return vec2<f32>(small_half$(at));
}

fn codes$(at: u32) -> array<u32, 8> {
  let w = at * 5u;
  let high = weights$[w];
  let a = weights$[w + 1u];
  let b = weights$[w + 2u];
  let c = weights$[w + 3u];
  let d = weights$[w + 4u];
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
