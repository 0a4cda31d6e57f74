// The six-bit scale and minimum of one of the eight groups of Q4_K and Q5_K, from the three words that hold them:
// scales of groups 0…3, minima of groups 0…3 (both with the top two bits of groups 4…7 above), low nibbles of groups 4…7.
fn k_scales(scales: u32, minima: u32, low: u32, group: u32) -> vec2<u32> {
  let shift = (group & 3u) * 8u;
  let bytes = vec2<u32>(scales, minima) >> vec2<u32>(shift);
  let nibbles = (vec2<u32>(low) >> vec2<u32>(shift, shift + 4u)) & vec2<u32>(15u);
  return select(bytes & vec2<u32>(63u), nibbles | ((bytes >> vec2<u32>(2u)) & vec2<u32>(48u)), group >= 4u);
}
