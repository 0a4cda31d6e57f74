// F16: two to a word.
fn decode_32$(at: u32) -> array<vec4<f32>, 8> {
  let w = at * 16u;
  return array<vec4<f32>, 8>(
    halves$(w),
    halves$(w + 2u),
    halves$(w + 4u),
    halves$(w + 6u),
    halves$(w + 8u),
    halves$(w + 10u),
    halves$(w + 12u),
    halves$(w + 14u)
  );
}

fn halves$(w: u32) -> vec4<f32> {
  return vec4<f32>(from_halves(weights$[w]), from_halves(weights$[w + 1u]));
}
