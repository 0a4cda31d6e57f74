// F32: 32 words.
fn decode_32$(at: u32) -> array<vec4<f32>, 8> {
  let w = at * 32u;
  return array<vec4<f32>, 8>(
    floats$(w),
    floats$(w + 4u),
    floats$(w + 8u),
    floats$(w + 12u),
    floats$(w + 16u),
    floats$(w + 20u),
    floats$(w + 24u),
    floats$(w + 28u)
  );
}

fn floats$(w: u32) -> vec4<f32> {
  return bitcast<vec4<f32>>(vec4<u32>(weights$[w], weights$[w + 1u], weights$[w + 2u], weights$[w + 3u]));
}
