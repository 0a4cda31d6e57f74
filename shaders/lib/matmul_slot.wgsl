/// Puts weights 32·chunk … of the matrix's row `row` (past the end: of its last one) into place `i` of the tile.
fn stage_weights$(row: u32, chunk: u32, i: u32) {
  let at = min(row, rows$ - 1u) * chunks + chunk;
#if PACKED
  let ints = ints_32$(at);
  w_tile[i] = vec4<u32>(ints.q[0], ints.q[1], ints.q[2], ints.q[3]);
  w_tile[TILE_ROWS + i] = vec4<u32>(ints.q[4], ints.q[5], ints.q[6], ints.q[7]);
  w_scale[i] = ints.scale;
  w_minimum[i] = ints.minimum;
#else
  let w = decode_32$(at);
#if F16
  let scale = largest(w);
  let factor = select(0.0, 1.0 / scale, scale > 0.0);
  w_scale[i] = scale;
  for (var j = 0u; j < 8u; j++) {
    w_tile[j * TILE_ROWS + i] = vec4<f16>(w[j] * factor);
  }
#else
  for (var j = 0u; j < 8u; j++) {
    w_tile[j * TILE_ROWS + i] = w[j];
  }
#endif
#endif
}
