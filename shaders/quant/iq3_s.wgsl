#import "lib/bytes.wgsl"

// IQ3_S: w = ± d (2 s + 1) grid[q], vectors of four, s for each 32. 27 words: low bytes of q, 16 words; ninth bits of q, two
// words; bits of signs, 8 words; nibbles s. Small: d.
fn decode_32$(at: u32) -> array<vec4<f32>, 8> {
  let ints = ints_32$(at);
  return scaled_bytes(ints.q, ints.scale);
}

fn ints_32$(at: u32) -> Ints$ {
  let group = at & 7u;
  let w = (at >> 3u) * 27u;
  let q0 = weights$[w + group * 2u];
  let q1 = weights$[w + group * 2u + 1u];
  let ninth = weights$[w + 16u + (group >> 2u)] >> ((group & 3u) * 8u);
  let signs = weights$[w + 18u + group];
  let s = (weights$[w + 26u] >> (group * 4u)) & 15u;
  return Ints$(
    array<u32, 8>(
      grid$((q0 & 255u) | ((ninth << 8u) & 256u), signs),
      grid$(((q0 >> 8u) & 255u) | ((ninth << 7u) & 256u), signs >> 4u),
      grid$(((q0 >> 16u) & 255u) | ((ninth << 6u) & 256u), signs >> 8u),
      grid$((q0 >> 24u) | ((ninth << 5u) & 256u), signs >> 12u),
      grid$((q1 & 255u) | ((ninth << 4u) & 256u), signs >> 16u),
      grid$(((q1 >> 8u) & 255u) | ((ninth << 3u) & 256u), signs >> 20u),
      grid$(((q1 >> 16u) & 255u) | ((ninth << 2u) & 256u), signs >> 24u),
      grid$((q1 >> 24u) | ((ninth << 1u) & 256u), signs >> 28u)
    ),
    vec2<f32>(small_half$(at >> 3u) * f32(2u * s + 1u)),
    0.0
  );
}

fn grid$(vector: u32, signs: u32) -> u32 {
  return with_signs(weights$[book$ + vector], signs);
}
