// Values of four-bit codes, two at a time: the codebook has a word for each byte of two codes, with the value of the low
// one in bits 0…7 and that of the high one in bits 16…23, as signed bytes.

// Four such words as bytes: the values of the low codes, then those of the high ones.
fn sorted_pairs(a: u32, b: u32, c: u32, d: u32) -> vec2<u32> {
  let ab = a | (b << 8u);
  let cd = c | (d << 8u);
  return vec2<u32>((ab & 0xffffu) | (cd << 16u), (ab >> 16u) | (cd & 0xffff0000u));
}
