#import "lib/bytes.wgsl"

// Q6_K: w = d s (q - 32), s for each 16. 52 words. In each half of 128 weights: low nibbles, 16 words, byte j: q[j] and
// q[j + 64]; after those of both halves high pairs of bits, 8 words, byte j: q[j], q[j + 32], q[j + 64], q[j + 96]; then s,
// 16 signed bytes. Small: d.
fn decode_32$(at: u32) -> array<vec4<f32>, 8> {
  let s = scales$(at);
  let q = codes$(at);
  return array<vec4<f32>, 8>(
    s.x * bytes_less(q[0], 32.0),
    s.x * bytes_less(q[1], 32.0),
    s.x * bytes_less(q[2], 32.0),
    s.x * bytes_less(q[3], 32.0),
    s.y * bytes_less(q[4], 32.0),
    s.y * bytes_less(q[5], 32.0),
    s.y * bytes_less(q[6], 32.0),
    s.y * bytes_less(q[7], 32.0)
  );
}

fn ints_32$(at: u32) -> Ints$ {
  let q = codes$(at);
  return Ints$(
    array<u32, 8>(
      recentred(q[0], 0x20202020u),
      recentred(q[1], 0x20202020u),
      recentred(q[2], 0x20202020u),
      recentred(q[3], 0x20202020u),
      recentred(q[4], 0x20202020u),
      recentred(q[5], 0x20202020u),
      recentred(q[6], 0x20202020u),
      recentred(q[7], 0x20202020u)
    ),
    scales$(at),
    0.0
  );
}

fn scales$(at: u32) -> vec2<f32> {
  let s = i32(weights$[(at >> 3u) * 52u + 48u + ((at & 7u) >> 1u)] >> ((at & 1u) * 16u));
  return small_half$(at >> 3u) * vec2<f32>(vec2<i32>(extractBits(s, 0u, 8u), extractBits(s, 8u, 8u)));
}

fn codes$(at: u32) -> array<u32, 8> {
  let w = (at >> 3u) * 52u;
  let half = (at >> 2u) & 1u;
  let low = w + half * 16u + (at & 1u) * 8u;
  let high = w + 32u + half * 8u;
  let low_shift = (at & 2u) * 2u;
  let high_shift = (at & 3u) * 2u;
  return array<u32, 8>(
    code$(weights$[low] >> low_shift, weights$[high] >> high_shift),
    code$(weights$[low + 1u] >> low_shift, weights$[high + 1u] >> high_shift),
    code$(weights$[low + 2u] >> low_shift, weights$[high + 2u] >> high_shift),
    code$(weights$[low + 3u] >> low_shift, weights$[high + 3u] >> high_shift),
    code$(weights$[low + 4u] >> low_shift, weights$[high + 4u] >> high_shift),
    code$(weights$[low + 5u] >> low_shift, weights$[high + 5u] >> high_shift),
    code$(weights$[low + 6u] >> low_shift, weights$[high + 6u] >> high_shift),
    code$(weights$[low + 7u] >> low_shift, weights$[high + 7u] >> high_shift)
  );
}

fn code$(low: u32, high: u32) -> u32 {
  return (low & 0x0f0f0f0fu) | ((high & 0x03030303u) << 4u);
}
