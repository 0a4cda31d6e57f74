// Which of the two ways of dot.h is faster on this machine? JavaScript times both and sets control.dot_kind.
#include "dot.h"

EXPORT(probe) int probe(int narrow, int rounds) {
  v128_t s[8] = {}, x = wasm_i8x16_splat((int8_t)rounds), w = wasm_i8x16_const_splat(3);
  for (int i = 0; i < rounds; i++) {
    // The operands change, so that nothing is computed before the loop.
    x = wasm_i8x16_add(x, w);
    if (narrow)
      UNROLL for (int j = 0; j < 8; j++) s[j] = dot(s[j], x, w, 1);
    else
      UNROLL for (int j = 0; j < 8; j++) s[j] = dot(s[j], x, w, 0);
  }
  v128_t sum = zero();
  for (int j = 0; j < 8; j++) sum = wasm_i32x4_add(sum, s[j]);
  return wasm_i32x4_extract_lane(sum, 0);
}
