// Q5_0: as Q4_0 with a word of fifth bits between scale and nibbles. w = d · (n - 16). In a strip bit 8i + j of the word
// belongs to weight 4j + i.
#include "kernel_32.h"

INLINE v128_t q5_0_weights(const uint8_t *block, int k, int g) {
  v128_t v = wasm_v128_load(block + 48 + (k % 4 * 2 + g) * 16);
  v128_t high = shifted(wasm_v128_load(block + 16 + g * 16), 4 - k, 16);
  return wasm_v128_or(k < 4 ? nibbles_low(v) : nibbles_high(v), high);
}

FORMAT_32_BOTH(q5_0, 22, 16, 4)
