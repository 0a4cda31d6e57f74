#import "lib/bytes.wgsl"

// IQ2_S: w = ± d (s + 1/2) / 4 · grid[q], vectors of eight, s for each 16. 20 words: low bytes of q, 8 words; bits of signs,
// 8 words; high bits of q, two words; nibbles s, two words. Small: d.
fn decode_32$(at: u32) -> array<vec4<f32>, 8> {
  let ints = ints_32$(at);
  return scaled_bytes(ints.q, ints.scale);
}

fn ints_32$(at: u32) -> Ints$ {
  let group = at & 7u;
  let w = (at >> 3u) * 20u;
  let q = weights$[w + group];
  let signs = weights$[w + 8u + group];
  let shift = (group & 3u) * 8u;
  let high = weights$[w + 16u + (group >> 2u)] >> shift;
  let s = weights$[w + 18u + (group >> 2u)] >> shift;
  let a = (q & 255u) | ((high << 8u) & 0x300u);
  let b = ((q >> 8u) & 255u) | ((high << 6u) & 0x300u);
  let c = ((q >> 16u) & 255u) | ((high << 4u) & 0x300u);
  let d = (q >> 24u) | ((high << 2u) & 0x300u);
  return Ints$(
    array<u32, 8>(
      grid$(a, 0u, signs),
      grid$(a, 1u, signs >> 4u),
      grid$(b, 0u, signs >> 8u),
      grid$(b, 1u, signs >> 12u),
      grid$(c, 0u, signs >> 16u),
      grid$(c, 1u, signs >> 20u),
      grid$(d, 0u, signs >> 24u),
      grid$(d, 1u, signs >> 28u)
    ),
    small_half$(at >> 3u) * 0.25 * (vec2<f32>(f32(s & 15u), f32((s >> 4u) & 15u)) + 0.5),
    0.0
  );
}

// Half `half` of a vector.
fn grid$(vector: u32, half: u32, signs: u32) -> u32 {
  return with_signs(weights$[book$ + vector * 2u + half], signs);
}
