// Q6_K: 256 weights in sixteen parts of 16 with int8 scales. Each half of 128: 64 bytes of low nibbles (parts of 32 a, b low;
// c, d high), 32 bytes of high bit pairs (a, b, c, d from the lowest). w = d · scale · (n - 32).
#include "kernel_k.h"

INLINE v128_t q6_k_weights(const uint8_t *block, int half, int quarter, int k, int g) {
  v128_t v = wasm_v128_load(block + ((half * 16 + quarter % 2 * 8 + k) * 2 + g) * 16);
  v128_t high = shifted(wasm_v128_load(block + 1024 + ((half * 8 + k) * 2 + g) * 16), 4 - 2 * quarter, 0x30);
  return wasm_v128_or(quarter < 2 ? nibbles_low(v) : nibbles_high(v), high);
}

INLINE void q6_k_meta(const uint8_t *block, struct k_meta *m) {
  UNROLL for (int i = 0; i < 8; i++) {
    v128_t two = wasm_v128_load(block + 1536 + 16 * i);
    spread_scales(two, m->scale[2 * i], m->scale[2 * i + 1], 1);
    pair_up(two, m->minimum[i], 1);
  }
  v128_t h = wasm_v128_load(block + 1664);
  m->d[0] = halves_low(h), m->d[1] = halves_high(h);
}

FORMAT_K_BOTH(q6_k, 210, q6_k_meta, 4, 16, 2)
