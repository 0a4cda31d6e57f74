#import "lib/bytes.wgsl"
#import "lib/pairs.wgsl"

// MXFP4: w = 2^(s - 128) v[q], v twice the values of e2m1. Four words, byte j: q[j] and q[j + 16]. Small: s, one byte.
fn decode_32$(at: u32) -> array<vec4<f32>, 8> {
  let ints = ints_32$(at);
  return scaled_bytes(ints.q, ints.scale);
}

fn ints_32$(at: u32) -> Ints$ {
  let w = at * 4u;
  let a = values$(weights$[w]);
  let b = values$(weights$[w + 1u]);
  let c = values$(weights$[w + 2u]);
  let d = values$(weights$[w + 3u]);
  let s = small_u8$(at);
  let scale = bitcast<f32>(select((s - 1u) << 23u, 0x00200000u << s, s < 2u));
  return Ints$(array<u32, 8>(a.x, b.x, c.x, d.x, a.y, b.y, c.y, d.y), vec2<f32>(scale), 0.0);
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
