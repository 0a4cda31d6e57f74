// What changes from run to run, in one buffer of words; a kernel that imports this declares it as `step`:
//   @group(0) @binding(…) var<storage, read> step: array<u32>;
// Words: 0 position of the first token, 1 tokens, 2 wanted outputs, 3 unused, from 4 the rows of the wanted outputs; from a
// word given to the kernel as a constant, a table of rotations: a row of {cos, sin} pairs (f32) for each token.

// Which count bounds the rows of a kernel: 1 tokens, 2 outputs.
override rows_word: u32 = 1u;

fn step_position() -> u32 {
  return step[0];
}
fn step_tokens() -> u32 {
  return step[1];
}
fn step_rows() -> u32 {
  return step[rows_word];
}
fn step_output_row(output: u32) -> u32 {
  return step[4u + output];
}
// {cos, sin} of one pair, of the table from word `table` with `pairs` pairs a token.
fn step_rotation(table: u32, token: u32, pairs: u32, pair: u32) -> vec2<f32> {
  let at = table + 2u * (token * pairs + pair);
  return vec2(bitcast<f32>(step[at]), bitcast<f32>(step[at + 1u]));
}
