// Q4_0: 32 weights, a half-precision scale, 16 bytes; byte i holds weight i low and weight i + 16 high. w = d · (n - 8).
#include "kernel_32.h"

INLINE void q4_0_pair(const uint8_t *block, int k, int g, const struct kept *c, v128_t *low, v128_t *high) {
  v128_t v = wasm_v128_load(block + 16 + (k * 2 + g) * 16);
  *low = nibbles_low(v, c), *high = nibbles_high(v, c);
}

FORMAT_32_BOTH(q4_0, 18, 3)
