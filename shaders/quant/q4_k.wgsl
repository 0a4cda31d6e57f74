#import "lib/bytes.wgsl"
#import "lib/k_scales.wgsl"

// Q4_K: w = d s q - dmin m, s and m for each 32. 36 words: d and dmin; s and m (3 words); four times eight words, byte j:
// q[j] and q[j + 32].
fn decode_32$(at: u32) -> array<vec4<f32>, 8> {
  let s = scales$(at);
  let w = codes_at$(at);
  let shift = (at & 1u) * 4u;
  return array<vec4<f32>, 8>(
    s.x * low_nibbles_less(weights$[w] >> shift, 0.0) - s.y,
    s.x * low_nibbles_less(weights$[w + 1u] >> shift, 0.0) - s.y,
    s.x * low_nibbles_less(weights$[w + 2u] >> shift, 0.0) - s.y,
    s.x * low_nibbles_less(weights$[w + 3u] >> shift, 0.0) - s.y,
    s.x * low_nibbles_less(weights$[w + 4u] >> shift, 0.0) - s.y,
    s.x * low_nibbles_less(weights$[w + 5u] >> shift, 0.0) - s.y,
    s.x * low_nibbles_less(weights$[w + 6u] >> shift, 0.0) - s.y,
    s.x * low_nibbles_less(weights$[w + 7u] >> shift, 0.0) - s.y
  );
}

fn ints_32$(at: u32) -> Ints$ {
  let s = scales$(at);
  let w = codes_at$(at);
  let shift = (at & 1u) * 4u;
  return Ints$(
    array<u32, 8>(
      (weights$[w] >> shift) & 0x0f0f0f0fu,
      (weights$[w + 1u] >> shift) & 0x0f0f0f0fu,
      (weights$[w + 2u] >> shift) & 0x0f0f0f0fu,
      (weights$[w + 3u] >> shift) & 0x0f0f0f0fu,
      (weights$[w + 4u] >> shift) & 0x0f0f0f0fu,
      (weights$[w + 5u] >> shift) & 0x0f0f0f0fu,
      (weights$[w + 6u] >> shift) & 0x0f0f0f0fu,
      (weights$[w + 7u] >> shift) & 0x0f0f0f0fu
    ),
    vec2<f32>(s.x),
    s.y
  );
}

// d s and dmin m.
fn scales$(at: u32) -> vec2<f32> {
  let w = (at >> 3u) * 36u;
  let codes = k_scales(weights$[w + 1u], weights$[w + 2u], weights$[w + 3u], at & 7u);
  return from_halves(weights$[w]) * vec2<f32>(codes);
}

fn codes_at$(at: u32) -> u32 {
  return (at >> 3u) * 36u + 4u + ((at & 6u) << 2u);
}
