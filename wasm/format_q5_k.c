// Q5_K: as Q4_K with 32 bytes of fifth bits before the nibbles: bit s of byte i belongs to number i of part s.
#include "kernel_k.h"

INLINE void q5_k_pair(const uint8_t *block, int pair, int k, int g, const struct kept *c, operand *low, operand *high) {
  v128_t v = wasm_v128_load(block + 384 + ((pair * 8 + k) * 2 + g) * 16);
  v128_t fifth = wasm_v128_load(block + 128 + (k * 2 + g) * 16);
  *low = operand_of(wasm_v128_or(nibbles_low(v, c), wasm_v128_and(shifted(fifth, 4 - 2 * pair), c->fifth_bits)), c);
  *high = operand_of(wasm_v128_or(nibbles_high(v, c), wasm_v128_and(shifted(fifth, 3 - 2 * pair), c->fifth_bits)), c);
}

FORMAT_K_BOTH(q5_k, 176, meta_6_bit, 1, 32, 4)
