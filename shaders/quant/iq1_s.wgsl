#import "lib/bytes.wgsl"

// IQ1_S: w = d (2 s + 1) (grid[q] ± 1/8), vectors of eight, s and the sign for each 32. 12 words: low bytes of q, 8 words;
// for each 32 weights half a word: high bits of four q, three each, s, and the sign (set: -). Small: d.
fn decode_32$(at: u32) -> array<vec4<f32>, 8> {
  let ints = ints_32$(at);
  return scaled_bytes(ints.q, ints.scale);
}

fn ints_32$(at: u32) -> Ints$ {
  let group = at & 7u;
  let w = (at >> 3u) * 12u;
  let q = weights$[w + group];
  let bits = weights$[w + 8u + (group >> 1u)] >> ((group & 1u) * 16u);
  let minus = bits & 0x8000u;
  let a = (q & 255u) | ((bits << 8u) & 0x700u);
  let b = ((q >> 8u) & 255u) | ((bits << 5u) & 0x700u);
  let c = ((q >> 16u) & 255u) | ((bits << 2u) & 0x700u);
  let d = (q >> 24u) | ((bits >> 1u) & 0x700u);
  return Ints$(
    array<u32, 8>(
      shifted_grid$(a, 0u, minus),
      shifted_grid$(a, 1u, minus),
      shifted_grid$(b, 0u, minus),
      shifted_grid$(b, 1u, minus),
      shifted_grid$(c, 0u, minus),
      shifted_grid$(c, 1u, minus),
      shifted_grid$(d, 0u, minus),
      shifted_grid$(d, 1u, minus)
    ),
    vec2<f32>(small_half$(at >> 3u) * f32(2u * ((bits >> 12u) & 7u) + 1u) * 0.125),
    0.0
  );
}

// Half `half` of a vector, times 8, with 1 added to each component or, where `minus` is not 0, taken away.
fn shifted_grid$(vector: u32, half: u32, minus: u32) -> u32 {
  let eighths = (weights$[book$ + vector * 2u + half] << 3u) & 0xf8f8f8f8u;
  return ((eighths ^ 0x80808080u) + select(0x01010101u, 0xfefefeffu, minus != 0u)) ^ 0x80808080u;
}
