#import "lib/bytes.wgsl"

// Q2_K: w = d s q - dmin m, s and m for each 16. 21 words: s (low nibbles) and m (high), 4 words; in each half of 128
// weights 8 words, byte j: q[j], q[j + 32], q[j + 64], q[j + 96]; d and dmin.
fn decode_32$(at: u32) -> array<vec4<f32>, 8> {
  let w = (at >> 3u) * 21u;
  let codes = weights$[w + ((at & 7u) >> 1u)] >> ((at & 1u) * 16u);
  let d = from_halves(weights$[w + 20u]);
  let s = d.x * vec2<f32>(f32(codes & 15u), f32((codes >> 8u) & 15u));
  let m = d.y * vec2<f32>(f32((codes >> 4u) & 15u), f32((codes >> 12u) & 15u));
  let first = w + 4u + (at & 4u) * 2u;
  let shift = (at & 3u) * 2u;
  return array<vec4<f32>, 8>(
    s.x * bytes_less((weights$[first] >> shift) & 0x03030303u, 0.0) - m.x,
    s.x * bytes_less((weights$[first + 1u] >> shift) & 0x03030303u, 0.0) - m.x,
    s.x * bytes_less((weights$[first + 2u] >> shift) & 0x03030303u, 0.0) - m.x,
    s.x * bytes_less((weights$[first + 3u] >> shift) & 0x03030303u, 0.0) - m.x,
    s.y * bytes_less((weights$[first + 4u] >> shift) & 0x03030303u, 0.0) - m.y,
    s.y * bytes_less((weights$[first + 5u] >> shift) & 0x03030303u, 0.0) - m.y,
    s.y * bytes_less((weights$[first + 6u] >> shift) & 0x03030303u, 0.0) - m.y,
    s.y * bytes_less((weights$[first + 7u] >> shift) & 0x03030303u, 0.0) - m.y
  );
}
