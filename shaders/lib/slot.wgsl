// How a decoder reaches the matrix of slot `$`. The buffer holds two planes: for every block of the matrix, row by row, the
// part of it that is whole 32-bit words; then, from word `small$` on, what is left of each block (one or two bytes: the
// scale of most formats), close together.
override small$: u32 = 0u;

fn small_u16$(block: u32) -> u32 {
  return (weights$[small$ + (block >> 1u)] >> ((block & 1u) * 16u)) & 0xffffu;
}
fn small_u8$(block: u32) -> u32 {
  return (weights$[small$ + (block >> 2u)] >> ((block & 3u) * 8u)) & 0xffu;
}
fn small_half$(block: u32) -> f32 {
  return unpack2x16float(small_u16$(block)).x;
}
