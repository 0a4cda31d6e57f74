#import "lib/bytes.wgsl"
#import "lib/signs.wgsl"

// IQ2_XXS: w = ± d (s + 1/2) / 4 · grid[q], vectors of eight, s for each 32. 16 words, for each 32 weights two: four q;
// four codes of signs, seven bits each, and s. Small: d.
fn decode_32$(at: u32) -> array<vec4<f32>, 8> {
  let ints = ints_32$(at);
  return scaled_bytes(ints.q, ints.scale);
}

fn ints_32$(at: u32) -> Ints$ {
  let q = weights$[at * 2u];
  let codes = weights$[at * 2u + 1u];
  let a = even_signs(codes);
  let b = even_signs(codes >> 7u);
  let c = even_signs(codes >> 14u);
  let d = even_signs(codes >> 21u);
  return Ints$(
    array<u32, 8>(
      grid$(q & 255u, 0u, a),
      grid$(q & 255u, 1u, a >> 4u),
      grid$((q >> 8u) & 255u, 0u, b),
      grid$((q >> 8u) & 255u, 1u, b >> 4u),
      grid$((q >> 16u) & 255u, 0u, c),
      grid$((q >> 16u) & 255u, 1u, c >> 4u),
      grid$(q >> 24u, 0u, d),
      grid$(q >> 24u, 1u, d >> 4u)
    ),
    vec2<f32>(small_half$(at >> 3u) * (f32(codes >> 28u) + 0.5) * 0.25),
    0.0
  );
}

// Half `half` of a vector.
fn grid$(vector: u32, half: u32, signs: u32) -> u32 {
  return with_signs(weights$[book$ + vector * 2u + half], signs);
}
