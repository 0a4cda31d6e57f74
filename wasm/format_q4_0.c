// Q4_0: 32 weights, a half-precision scale, 16 bytes; byte i holds weight i low and weight i + 16 high. w = d · (n - 8).
#include "kernel_32.h"

INLINE void q4_0_pair(const uint8_t *block, int k, int g, const struct kept *c, operand *low, operand *high) {
  nibbles(wasm_v128_load(block + 16 + (k * 2 + g) * 16), c, low, high);
}

FORMAT_32_BOTH(q4_0, 18, 4, 0, 3)
