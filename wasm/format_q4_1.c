// Q4_1: as Q4_0 with a minimum after the scale. w = d · n + m.
#include "kernel_32.h"

INLINE void q4_1_pair(const uint8_t *block, int k, int g, const struct kept *c, operand *low, operand *high) {
  nibbles(wasm_v128_load(block + 32 + (k * 2 + g) * 16), c, low, high);
}

FORMAT_32_BOTH(q4_1, 20, 4, 1, 3)
