#import "lib/bytes.wgsl"
#import "lib/pairs.wgsl"

// IQ4_XS: w = d (s - 32) v[q], s for each 32. 34 words: d and the high bits of s; low nibbles of s; 32 words, for each 32
// weights four, byte j: q[j] and q[j + 16].
fn decode_32$(at: u32) -> array<vec4<f32>, 8> {
  let ints = ints_32$(at);
  return scaled_bytes(ints.q, ints.scale);
}

fn ints_32$(at: u32) -> Ints$ {
  let group = at & 7u;
  let block = (at >> 3u) * 34u;
  let head = weights$[block];
  let s = ((weights$[block + 1u] >> (group * 4u)) & 15u) | (((head >> (16u + group * 2u)) & 3u) << 4u);
  let w = block + 2u + group * 4u;
  let a = values$(weights$[w]);
  let b = values$(weights$[w + 1u]);
  let c = values$(weights$[w + 2u]);
  let d = values$(weights$[w + 3u]);
  return Ints$(array<u32, 8>(a.x, b.x, c.x, d.x, a.y, b.y, c.y, d.y), vec2<f32>(from_halves(head).x * (f32(s) - 32.0)), 0.0);
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
