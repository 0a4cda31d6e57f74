#import "lib/bytes.wgsl"

// Q3_K: w = d (s - 32) (q - 4), s for each 16. 27 words: third bits, 8 words, byte j: of q[j], q[j + 32], … q[j + 224]; in
// each half of 128 weights 8 words, byte j: low bits of q[j], q[j + 32], q[j + 64], q[j + 96]; low nibbles of s, byte j: of
// s[j] and s[j + 8]; high bits of s, byte j: of s[j], s[j + 4], s[j + 8], s[j + 12]. Small: d.
fn decode_32$(at: u32) -> array<vec4<f32>, 8> {
  let s = scales$(at);
  let q = codes$(at);
  return array<vec4<f32>, 8>(
    s.x * bytes_less(q[0], 4.0),
    s.x * bytes_less(q[1], 4.0),
    s.x * bytes_less(q[2], 4.0),
    s.x * bytes_less(q[3], 4.0),
    s.y * bytes_less(q[4], 4.0),
    s.y * bytes_less(q[5], 4.0),
    s.y * bytes_less(q[6], 4.0),
    s.y * bytes_less(q[7], 4.0)
  );
}

fn ints_32$(at: u32) -> Ints$ {
  let s = scales$(at);
  let q = codes$(at);
  return Ints$(
    array<u32, 8>(
      recentred(q[0], 0x04040404u),
      recentred(q[1], 0x04040404u),
      recentred(q[2], 0x04040404u),
      recentred(q[3], 0x04040404u),
      recentred(q[4], 0x04040404u),
      recentred(q[5], 0x04040404u),
      recentred(q[6], 0x04040404u),
      recentred(q[7], 0x04040404u)
    ),
    s,
    0.0
  );
}

fn scales$(at: u32) -> vec2<f32> {
  let group = at & 7u;
  let w = (at >> 3u) * 27u + 24u;
  let shift = (at & 1u) * 16u;
  let low = weights$[w + ((group & 3u) >> 1u)] >> (shift + (group >> 2u) * 4u);
  let high = weights$[w + 2u] >> (shift + (group & 6u));
  let s = (vec2<u32>(low, low >> 8u) & vec2<u32>(15u)) | ((vec2<u32>(high, high >> 8u) & vec2<u32>(3u)) << vec2<u32>(4u));
  return small_half$(at >> 3u) * (vec2<f32>(s) - 32.0);
}

fn codes$(at: u32) -> array<u32, 8> {
  let group = at & 7u;
  let high = (at >> 3u) * 27u;
  let low = high + 8u + (at & 4u) * 2u;
  let shift = (at & 3u) * 2u;
  return array<u32, 8>(
    code$(weights$[low] >> shift, weights$[high] >> group),
    code$(weights$[low + 1u] >> shift, weights$[high + 1u] >> group),
    code$(weights$[low + 2u] >> shift, weights$[high + 2u] >> group),
    code$(weights$[low + 3u] >> shift, weights$[high + 3u] >> group),
    code$(weights$[low + 4u] >> shift, weights$[high + 4u] >> group),
    code$(weights$[low + 5u] >> shift, weights$[high + 5u] >> group),
    code$(weights$[low + 6u] >> shift, weights$[high + 6u] >> group),
    code$(weights$[low + 7u] >> shift, weights$[high + 7u] >> group)
  );
}

fn code$(low: u32, third: u32) -> u32 {
  return (low & 0x03030303u) | ((third & 0x01010101u) << 2u);
}
