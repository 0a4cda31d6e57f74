// Q5_K: as Q4_K with 32 bytes of fifth bits before the nibbles: bit s of byte i belongs to number i of part s.
#include "kernel_k.h"

INLINE v128_t q5_k_weights(const uint8_t *block, int s, int k, int g) {
  v128_t v = wasm_v128_load(block + 384 + ((s / 2 * 8 + k) * 2 + g) * 16);
  v128_t high = shifted(wasm_v128_load(block + 128 + (k * 2 + g) * 16), 4 - s, 16);
  return wasm_v128_or(s % 2 ? high_nibbles(v) : low_nibbles(v), high);
}

FORMAT_K_BOTH(q5_k, 176, meta_6_bit, 32, 4)
