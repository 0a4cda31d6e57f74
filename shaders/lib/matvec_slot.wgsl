/// Adds to sums[at …] the products of v, chunk `chunk` of x, with ROWS rows of slot `$` from `first` on. Rows past the
/// matrix's end stand for its last one.
fn add_rows$(first: u32, chunk: u32, v: array<vec4<f32>, 8>, sums: ptr<function, array<f32, SUMS>>, at: u32) {
  for (var r = 0u; r < ROWS; r++) {
    let row = min(first + r, rows$ - 1u);
    (*sums)[at + r] += dot_32(decode_32$(row * chunks + chunk), v);
  }
}
