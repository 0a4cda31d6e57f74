// Q5_0: as Q4_0 with a word of fifth bits between scale and nibbles. w = d · (n - 16). In a strip bit 8i + j of the word
// belongs to weight 4j + i.
#include "kernel_32.h"

INLINE void q5_0_pair(const uint8_t *block, int k, int g, const struct kept *c, operand *low, operand *high) {
  five_bits(wasm_v128_load(block + 48 + (k * 2 + g) * 16), wasm_v128_load(block + 16 + g * 16), k, c, low, high);
}

FORMAT_32_BOTH(q5_0, 22, 5, 0, 4)
