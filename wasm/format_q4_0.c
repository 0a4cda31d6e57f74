// Q4_0: 32 weights, a half-precision scale, 16 bytes; byte i holds weight i low and weight i + 16 high. w = d · (n - 8).
#include "kernel_32.h"

INLINE v128_t q4_0_weights(const uint8_t *block, int k, int g) {
  v128_t v = wasm_v128_load(block + 16 + (k % 4 * 2 + g) * 16);
  return k < 4 ? nibbles_low(v) : nibbles_high(v);
}

FORMAT_32_BOTH(q4_0, 18, 8, 8)
