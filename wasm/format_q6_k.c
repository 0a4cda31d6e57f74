// Q6_K: 256 weights in sixteen parts of 16 with int8 scales. Each half of 128: 64 bytes of low nibbles (parts of 32 a, b low;
// c, d high), 32 bytes of high bit pairs (a, b, c, d from the lowest). w = d · scale · (n - 32). In a strip d and the scales
// come first, then each half with its high bits before its nibbles: as in the file, where scales come last and all high bits
// after all nibbles, the machine fetched nothing ahead and read at 0.4 of the speed.
#include "kernel_k.h"

INLINE const uint8_t *q6_k_half(const uint8_t *block, int pair) { return block + 144 + pair / 2 * 768; }

INLINE void q6_k_pair(const uint8_t *block, int pair, int k, int g, const struct kept *c, operand *low, operand *high) {
  const uint8_t *half = q6_k_half(block, pair);
  v128_t v = wasm_v128_load(half + 256 + ((pair % 2 * 8 + k) * 2 + g) * 16), two = wasm_v128_load(half + (k * 2 + g) * 16);
  *low = operand_of(wasm_v128_or(nibbles_low(v, c), wasm_v128_and(shifted(two, 4 - pair % 2 * 2), c->high_pairs)), c);
  *high = operand_of(wasm_v128_or(nibbles_high(v, c), wasm_v128_and(shifted(two, pair % 2 * -2), c->high_pairs)), c);
}

INLINE void q6_k_meta(const uint8_t *block, struct k_meta *m, const struct kept *c) {
  scales_8(wasm_v128_load(block), c, m->d);
  UNROLL for (int i = 0; i < 8; i++) {
    v128_t two = wasm_v128_load(block + 16 + 16 * i);
    v128_t first = wasm_i16x8_extend_low_i8x16(two), second = wasm_i16x8_extend_high_i8x16(two);
    zip(first, first, m->scale[2 * i]);
    zip(second, second, m->scale[2 * i + 1]);
  }
}

FORMAT_K_BOTH(q6_k, 210, q6_k_meta, 2, 16, 4)
