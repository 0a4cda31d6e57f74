// How a decoder reaches the matrix of slot `$`. The buffer holds three planes: for every block of the matrix, row by row,
// the part of it that is whole 32-bit words; then, from word `small$` on, what is left of each block (one or two bytes: the
// scale of most formats), close together; then, from word `book$` on, the codebook of the formats that have one.
#import "lib/halves.wgsl"
override small$: u32 = 0u;
override book$: u32 = 0u;

// 32 weights as whole numbers: w[i] = scale[i / 16] · q[i] - minimum, with the q as signed bytes, four to a word, in order.
struct Ints$ {
  q: array<u32, 8>,
  scale: vec2<f32>,
  minimum: f32,
}

fn small_u16$(block: u32) -> u32 {
  return (weights$[small$ + (block >> 1u)] >> ((block & 1u) * 16u)) & 0xffffu;
}
fn small_u8$(block: u32) -> u32 {
  return (weights$[small$ + (block >> 2u)] >> ((block & 3u) * 8u)) & 0xffu;
}
fn small_half$(block: u32) -> f32 {
  return from_halves(small_u16$(block)).x;
}
