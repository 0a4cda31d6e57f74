// Two halves of a word as floats. The built-in function may take subnormal halves for zero, and scales of K formats are
// such at times; OWN_HALVES makes the floats of whole numbers: from a normal half by moving its bits (the exponent's bias
// goes from 15 to 127), from a subnormal one as a multiple of 2⁻²⁴. Infinities and NaN, which no scale is, become numbers.
fn from_halves(w: u32) -> vec2<f32> {
#if OWN_HALVES
  let bits = vec2<u32>(w, w >> 16u);
  let magnitude = bits & vec2<u32>(0x7fffu);
  let normal = bitcast<vec2<f32>>((magnitude << vec2<u32>(13u)) + vec2<u32>(0x38000000u));
  let size = select(normal, vec2<f32>(magnitude) * 5.9604644775390625e-8, magnitude < vec2<u32>(0x400u));
  return select(size, -size, (bits & vec2<u32>(0x8000u)) != vec2<u32>());
#else
  return unpack2x16float(w);
#endif
}
