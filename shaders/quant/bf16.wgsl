// BF16: two to a word, each the upper half of a float.
fn decode_32$(at: u32) -> array<vec4<f32>, 8> {
  let w = at * 16u;
  return array<vec4<f32>, 8>(
    upper_halves$(w),
    upper_halves$(w + 2u),
    upper_halves$(w + 4u),
    upper_halves$(w + 6u),
    upper_halves$(w + 8u),
    upper_halves$(w + 10u),
    upper_halves$(w + 12u),
    upper_halves$(w + 14u)
  );
}

fn upper_halves$(w: u32) -> vec4<f32> {
  let a = weights$[w];
  let b = weights$[w + 1u];
  return bitcast<vec4<f32>>(vec4<u32>(a << 16u, a & 0xffff0000u, b << 16u, b & 0xffff0000u));
}
