// Q4_K: 256 weights in eight parts of 32. d, dmin, packed scales and minima, 128 bytes: each 32 bytes hold one part low and
// the next high. w = d · scale · n - dmin · minimum.
#include "kernel_k.h"

INLINE void q4_k_pair(const uint8_t *block, int pair, int k, int g, const struct kept *c, operand *low, operand *high) {
  nibbles(wasm_v128_load(block + 128 + ((pair * 8 + k) * 2 + g) * 16), c, low, high);
}

FORMAT_K_BOTH(q4_k, 144, meta_6_bit, 1, 32, 8)
