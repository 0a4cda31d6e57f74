#import "lib/bytes.wgsl"

// Q2_0: w = d (q - 1). Four words for 64 weights: q from the lowest bits up. Small: d.
fn decode_32$(at: u32) -> array<vec4<f32>, 8> {
  let s = scales$(at);
  let q = codes$(at);
  return array<vec4<f32>, 8>(
    s.x * bytes_less(q[0], 1.0),
    s.x * bytes_less(q[1], 1.0),
    s.x * bytes_less(q[2], 1.0),
    s.x * bytes_less(q[3], 1.0),
    s.y * bytes_less(q[4], 1.0),
    s.y * bytes_less(q[5], 1.0),
    s.y * bytes_less(q[6], 1.0),
    s.y * bytes_less(q[7], 1.0)
  );
}

fn ints_32$(at: u32) -> Ints$ {
  let s = scales$(at);
  let q = codes$(at);
  return Ints$(
    array<u32, 8>(
      recentred(q[0], 0x01010101u),
      recentred(q[1], 0x01010101u),
      recentred(q[2], 0x01010101u),
      recentred(q[3], 0x01010101u),
      recentred(q[4], 0x01010101u),
      recentred(q[5], 0x01010101u),
      recentred(q[6], 0x01010101u),
      recentred(q[7], 0x01010101u)
    ),
    s,
    0.0
  );
}

fn scales$(at: u32) -> vec2<f32> {
  return vec2<f32>(small_half$(at >> 1u));
}

fn codes$(at: u32) -> array<u32, 8> {
  let a = weights$[at * 2u];
  let b = weights$[at * 2u + 1u];
  return array<u32, 8>(
    pairs_as_bytes$(a),
    pairs_as_bytes$(a >> 8u),
    pairs_as_bytes$(a >> 16u),
    pairs_as_bytes$(a >> 24u),
    pairs_as_bytes$(b),
    pairs_as_bytes$(b >> 8u),
    pairs_as_bytes$(b >> 16u),
    pairs_as_bytes$(b >> 24u)
  );
}

// The four pairs of bits of the lowest byte.
fn pairs_as_bytes$(w: u32) -> u32 {
  let nibbles = ((w & 255u) | (w << 12u)) & 0x000f000fu;
  return (nibbles | (nibbles << 6u)) & 0x03030303u;
}
