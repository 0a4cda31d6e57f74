// Q5_0: as Q4_0 with a word of fifth bits between scale and nibbles. w = d · (n - 16). In a strip bit 8i + j of the word
// belongs to weight 4j + i.
#include "kernel_32.h"

INLINE void q5_0_pair(const uint8_t *block, int k, int g, const struct kept *c, v128_t *low, v128_t *high) {
  v128_t v = wasm_v128_load(block + 48 + (k * 2 + g) * 16), fifth = wasm_v128_load(block + 16 + g * 16);
  *low = wasm_v128_or(nibbles_low(v, c), wasm_v128_and(shifted(fifth, 4 - k), c->fifth_bits));
  *high = wasm_v128_or(nibbles_high(v, c), wasm_v128_and(shifted(fifth, -k), c->fifth_bits));
}

FORMAT_32_BOTH(q5_0, 22, 4)
