#import "lib/bytes.wgsl"
#import "lib/pairs.wgsl"

// NVFP4: w = s v[q], s for each 16 in UE4M3, v twice the values of e2m1. Nine words for 64 weights: four s; for each 16
// weights two words, byte j: q[j] and q[j + 8].
fn decode_32$(at: u32) -> array<vec4<f32>, 8> {
  let ints = ints_32$(at);
  return scaled_bytes(ints.q, ints.scale);
}

fn ints_32$(at: u32) -> Ints$ {
  let block = (at >> 1u) * 9u;
  let s = weights$[block] >> ((at & 1u) * 16u);
  let w = block + 1u + (at & 1u) * 4u;
  let a = values$(weights$[w]);
  let b = values$(weights$[w + 1u]);
  let c = values$(weights$[w + 2u]);
  let d = values$(weights$[w + 3u]);
  return Ints$(
    array<u32, 8>(a.x, b.x, a.y, b.y, c.x, d.x, c.y, d.y),
    vec2<f32>(half_scale$(s & 255u), half_scale$((s >> 8u) & 255u)),
    0.0
  );
}

// Half of an unsigned E4M3 float: bias 7, three bits of mantissa, subnormals; the bits that mean NaN count as 0.
fn half_scale$(bits: u32) -> f32 {
  let normal = bitcast<f32>(((bits & 127u) << 20u) + (119u << 23u));
  return select(select(normal, f32(bits & 7u) / 1024.0, (bits & 120u) == 0u), 0.0, bits == 127u);
}

// The values of the low codes of four bytes, then those of the high codes.
fn values$(w: u32) -> vec2<u32> {
  return sorted_pairs(
    weights$[book$ + (w & 255u)],
    weights$[book$ + ((w >> 8u) & 255u)],
    weights$[book$ + ((w >> 16u) & 255u)],
    weights$[book$ + (w >> 24u)]
  );
}
