// The signs of eight weights for a code of seven bits: bit j set means that weight j is negative, and the eighth makes the
// number of negative ones even.
fn even_signs(code: u32) -> u32 {
  return (code & 127u) | ((countOneBits(code & 127u) & 1u) << 7u);
}
