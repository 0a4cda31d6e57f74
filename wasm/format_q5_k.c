// Q5_K: as Q4_K with 32 bytes of fifth bits before the nibbles: bit s of byte i belongs to number i of part s.
#include "kernel_k.h"

INLINE v128_t q5_k_weights(const uint8_t *block, int round, int inner, int k, int g) {
  v128_t v = wasm_v128_load(block + 384 + ((round * 8 + k) * 2 + g) * 16);
  v128_t high = shifted(wasm_u16x8_shr(wasm_v128_load(block + 128 + (k * 2 + g) * 16), (uint32_t)round * 2), 4 - inner, 16);
  return wasm_v128_or(inner ? nibbles_high(v) : nibbles_low(v), high);
}

FORMAT_K_BOTH(q5_k, 176, meta_6_bit, 2, 32, 4)
