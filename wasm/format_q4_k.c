// Q4_K: 256 weights in eight parts of 32. d, dmin, packed scales and minima, 128 bytes: each 32 bytes hold one part low and
// the next high. w = d · scale · n - dmin · minimum.
#include "kernel_k.h"

INLINE v128_t q4_k_weights(const uint8_t *block, int round, int inner, int k, int g) {
  v128_t v = wasm_v128_load(block + 128 + ((round * 8 + k) * 2 + g) * 16);
  return inner ? nibbles_high(v) : nibbles_low(v);
}

FORMAT_K_BOTH(q4_k, 144, meta_6_bit, 2, 32, 8)
