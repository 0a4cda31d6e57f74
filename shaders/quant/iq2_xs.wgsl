#import "lib/bytes.wgsl"
#import "lib/signs.wgsl"

// IQ2_XS: w = ± d (s + 1/2) / 4 · grid[q], vectors of eight, s for each 16. 18 words: for each 8 weights half a word, nine
// bits q and seven bits a code of signs; nibbles s, two words. Small: d.
fn decode_32$(at: u32) -> array<vec4<f32>, 8> {
  let ints = ints_32$(at);
  return scaled_bytes(ints.q, ints.scale);
}

fn ints_32$(at: u32) -> Ints$ {
  let group = at & 7u;
  let w = (at >> 3u) * 18u;
  let ab = weights$[w + group * 2u];
  let cd = weights$[w + group * 2u + 1u];
  let a = even_signs(ab >> 9u);
  let b = even_signs(ab >> 25u);
  let c = even_signs(cd >> 9u);
  let d = even_signs(cd >> 25u);
  let s = weights$[w + 16u + (group >> 2u)] >> ((group & 3u) * 8u);
  return Ints$(
    array<u32, 8>(
      grid$(ab & 511u, 0u, a),
      grid$(ab & 511u, 1u, a >> 4u),
      grid$((ab >> 16u) & 511u, 0u, b),
      grid$((ab >> 16u) & 511u, 1u, b >> 4u),
      grid$(cd & 511u, 0u, c),
      grid$(cd & 511u, 1u, c >> 4u),
      grid$((cd >> 16u) & 511u, 0u, d),
      grid$((cd >> 16u) & 511u, 1u, d >> 4u)
    ),
    small_half$(at >> 3u) * 0.25 * (vec2<f32>(f32(s & 15u), f32((s >> 4u) & 15u)) + 0.5),
    0.0
  );
}

// Half `half` of a vector.
fn grid$(vector: u32, half: u32, signs: u32) -> u32 {
  return with_signs(weights$[book$ + vector * 2u + half], signs);
}
