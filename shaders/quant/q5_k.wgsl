#import "lib/bytes.wgsl"
#import "lib/k_scales.wgsl"

// Q5_K: w = d s q - dmin m, s and m for each 32. 44 words: d and dmin; s and m (3 words); fifth bits, 8 words, byte j: of
// q[j], q[j + 32], … q[j + 224]; four times eight words, byte j: q[j] and q[j + 32] without theirs.
fn decode_32$(at: u32) -> array<vec4<f32>, 8> {
  let s = scales$(at);
  let q = codes$(at);
  return array<vec4<f32>, 8>(
    s.x * bytes_less(q[0], 0.0) - s.y,
    s.x * bytes_less(q[1], 0.0) - s.y,
    s.x * bytes_less(q[2], 0.0) - s.y,
    s.x * bytes_less(q[3], 0.0) - s.y,
    s.x * bytes_less(q[4], 0.0) - s.y,
    s.x * bytes_less(q[5], 0.0) - s.y,
    s.x * bytes_less(q[6], 0.0) - s.y,
    s.x * bytes_less(q[7], 0.0) - s.y
  );
}

fn ints_32$(at: u32) -> Ints$ {
  let s = scales$(at);
  let q = codes$(at);
  return Ints$(
    q,
    vec2<f32>(s.x),
    s.y
  );
}

// d s and dmin m.
fn scales$(at: u32) -> vec2<f32> {
  let w = (at >> 3u) * 44u;
  let codes = k_scales(weights$[w + 1u], weights$[w + 2u], weights$[w + 3u], at & 7u);
  return from_halves(weights$[w]) * vec2<f32>(codes);
}

fn codes$(at: u32) -> array<u32, 8> {
  let group = at & 7u;
  let high = (at >> 3u) * 44u + 4u;
  let low = high + 8u + ((at & 6u) << 2u);
  let shift = (at & 1u) * 4u;
  return array<u32, 8>(
    code$(weights$[low] >> shift, weights$[high] >> group),
    code$(weights$[low + 1u] >> shift, weights$[high + 1u] >> group),
    code$(weights$[low + 2u] >> shift, weights$[high + 2u] >> group),
    code$(weights$[low + 3u] >> shift, weights$[high + 3u] >> group),
    code$(weights$[low + 4u] >> shift, weights$[high + 4u] >> group),
    code$(weights$[low + 5u] >> shift, weights$[high + 5u] >> group),
    code$(weights$[low + 6u] >> shift, weights$[high + 6u] >> group),
    code$(weights$[low + 7u] >> shift, weights$[high + 7u] >> group)
  );
}

fn code$(low: u32, fifth: u32) -> u32 {
  return (low & 0x0f0f0f0fu) | ((fifth & 0x01010101u) << 4u);
}
