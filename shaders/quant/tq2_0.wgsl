#import "lib/bytes.wgsl"

// TQ2_0: w = d (q - 1). In each half of 128 weights 8 words, byte j: q[j], q[j + 32], q[j + 64], q[j + 96]. Small: d.
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
  return vec2<f32>(small_half$(at >> 3u));
}

fn codes$(at: u32) -> array<u32, 8> {
  let w = (at >> 2u) * 8u;
  let shift = (at & 3u) * 2u;
  return array<u32, 8>(
    (weights$[w] >> shift) & 0x03030303u,
    (weights$[w + 1u] >> shift) & 0x03030303u,
    (weights$[w + 2u] >> shift) & 0x03030303u,
    (weights$[w + 3u] >> shift) & 0x03030303u,
    (weights$[w + 4u] >> shift) & 0x03030303u,
    (weights$[w + 5u] >> shift) & 0x03030303u,
    (weights$[w + 6u] >> shift) & 0x03030303u,
    (weights$[w + 7u] >> shift) & 0x03030303u
  );
}
