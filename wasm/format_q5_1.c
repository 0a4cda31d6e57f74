// Q5_1: as Q5_0 with a minimum after the scale. w = d · n + m.
#include "kernel_32.h"

INLINE void q5_1_pair(const uint8_t *block, int k, int g, const struct kept *c, operand *low, operand *high) {
  five_bits(wasm_v128_load(block + 64 + (k * 2 + g) * 16), wasm_v128_load(block + 32 + g * 16), k, c, low, high);
}

FORMAT_32_BOTH(q5_1, 24, 5, 1, 4)
