#import "lib/bytes.wgsl"
#import "lib/signs.wgsl"

// IQ3_XXS: w = ± d (s + 1/2) / 2 · grid[q], vectors of four, s for each 32. 24 words: q, a byte each, 16 words; for each 32
// weights four codes of signs, seven bits each, and s. Small: d.
fn decode_32$(at: u32) -> array<vec4<f32>, 8> {
  let ints = ints_32$(at);
  return scaled_bytes(ints.q, ints.scale);
}

fn ints_32$(at: u32) -> Ints$ {
  let group = at & 7u;
  let w = (at >> 3u) * 24u;
  let q0 = weights$[w + group * 2u];
  let q1 = weights$[w + group * 2u + 1u];
  let codes = weights$[w + 16u + group];
  let a = even_signs(codes);
  let b = even_signs(codes >> 7u);
  let c = even_signs(codes >> 14u);
  let d = even_signs(codes >> 21u);
  return Ints$(
    array<u32, 8>(
      grid$(q0 & 255u, a),
      grid$((q0 >> 8u) & 255u, a >> 4u),
      grid$((q0 >> 16u) & 255u, b),
      grid$(q0 >> 24u, b >> 4u),
      grid$(q1 & 255u, c),
      grid$((q1 >> 8u) & 255u, c >> 4u),
      grid$((q1 >> 16u) & 255u, d),
      grid$(q1 >> 24u, d >> 4u)
    ),
    vec2<f32>(small_half$(at >> 3u) * (f32(codes >> 28u) + 0.5) * 0.5),
    0.0
  );
}

fn grid$(vector: u32, signs: u32) -> u32 {
  return with_signs(weights$[book$ + vector], signs);
}
