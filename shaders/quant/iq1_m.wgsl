#import "lib/bytes.wgsl"

// IQ1_M: w = d (2 s + 1) (grid[q] ± 1/8), vectors of eight, s for each 16, the sign for each 8. 14 words: low bytes of q,
// 8 words; for each 8 weights a nibble: high bits of q and the sign (set: -), 4 words; four half words, each four s of three
// bits and a quarter of d, the lowest first.
fn decode_32$(at: u32) -> array<vec4<f32>, 8> {
  let ints = ints_32$(at);
  return scaled_bytes(ints.q, ints.scale);
}

fn ints_32$(at: u32) -> Ints$ {
  let group = at & 7u;
  let w = (at >> 3u) * 14u;
  let q = weights$[w + group];
  let bits = weights$[w + 8u + (group >> 1u)] >> ((group & 1u) * 16u);
  let a = (q & 255u) | ((bits << 8u) & 0x700u);
  let b = ((q >> 8u) & 255u) | ((bits << 4u) & 0x700u);
  let c = ((q >> 16u) & 255u) | (bits & 0x700u);
  let d = (q >> 24u) | ((bits >> 4u) & 0x700u);
  let s0 = weights$[w + 12u];
  let s1 = weights$[w + 13u];
  let quarters = ((s0 >> 12u) & 0xfu) | ((s0 >> 24u) & 0xf0u) | ((s1 >> 4u) & 0xf00u) | ((s1 >> 16u) & 0xf000u);
  let s = select(s0, s1, group >= 4u) >> ((group & 2u) * 8u + (group & 1u) * 6u);
  return Ints$(
    array<u32, 8>(
      shifted_grid$(a, 0u, bits & 0x8u),
      shifted_grid$(a, 1u, bits & 0x8u),
      shifted_grid$(b, 0u, bits & 0x80u),
      shifted_grid$(b, 1u, bits & 0x80u),
      shifted_grid$(c, 0u, bits & 0x800u),
      shifted_grid$(c, 1u, bits & 0x800u),
      shifted_grid$(d, 0u, bits & 0x8000u),
      shifted_grid$(d, 1u, bits & 0x8000u)
    ),
    from_halves(quarters).x * 0.125 * vec2<f32>(f32(2u * (s & 7u) + 1u), f32(2u * ((s >> 3u) & 7u) + 1u)),
    0.0
  );
}

// Half `half` of a vector, times 8, with 1 added to each component or, where `minus` is not 0, taken away.
fn shifted_grid$(vector: u32, half: u32, minus: u32) -> u32 {
  let eighths = (weights$[book$ + vector * 2u + half] << 3u) & 0xf8f8f8f8u;
  return ((eighths ^ 0x80808080u) + select(0x01010101u, 0xfefefeffu, minus != 0u)) ^ 0x80808080u;
}
