// F32, F16, BF16: a strip is [width][8 rows]; everything is multiplied in single precision.
#include "formats.h"

typedef void widen_row(const uint8_t *strip, int i, v128_t w[2]);

INLINE void f32_at(const uint8_t *strip, int i, v128_t w[2]) {
  w[0] = wasm_v128_load(strip + 32 * (size_t)i);
  w[1] = wasm_v128_load(strip + 32 * (size_t)i + 16);
}
INLINE void f16_at(const uint8_t *strip, int i, v128_t w[2]) {
  v128_t h = wasm_v128_load(strip + 16 * (size_t)i);
  w[0] = halves_low(h), w[1] = halves_high(h);
}
INLINE void bf16_at(const uint8_t *strip, int i, v128_t w[2]) {
  v128_t h = wasm_v128_load(strip + 16 * (size_t)i);
  w[0] = wasm_i32x4_shl(wasm_u32x4_extend_low_u16x8(h), 16);
  w[1] = wasm_i32x4_shl(wasm_u32x4_extend_high_u16x8(h), 16);
}

INLINE void product_float(const uint8_t *const strips[WAYS], int width, struct act a, float *out, widen_row at) {
  v128_t f[WAYS][2] = {};
  for (int i = 0; i < width; i++) {
    v128_t x = wasm_v128_load32_splat(a.f + i);
    UNROLL for (int n = 0; n < WAYS; n++) {
      v128_t w[2];
      at(strips[n], i, w);
      f[n][0] = madd(w[0], x, f[n][0]), f[n][1] = madd(w[1], x, f[n][1]);
    }
  }
  store_ways(f, out);
}

INLINE void unpack_float(const uint8_t *strip, int width, uint8_t *tile, widen_row at) {
  v128_t *w = (v128_t *)tile;
  for (int i = 0; i < width; i++, w += 2) at(strip, i, w);
}

static void products_float(const uint8_t *tile, int width, struct act a, float *out) {
  const v128_t *w = (const v128_t *)tile;
  const float *x = a.f;
  v128_t f[8] = {};
  for (int i = 0; i < width; i++, w += 2, x += 4)
    UNROLL for (int t = 0; t < 4; t++) {
      v128_t xs = wasm_v128_load32_splat(x + t);
      f[2 * t] = madd(w[0], xs, f[2 * t]), f[2 * t + 1] = madd(w[1], xs, f[2 * t + 1]);
    }
  for (int n = 0; n < 8; n++) wasm_v128_store(out + 4 * n, f[n]);
}

#define FORMAT_FLOAT(name)                                                                             \
  static void name##_product(const uint8_t *const strips[WAYS], int width, struct act a, float *out) { \
    product_float(strips, width, a, out, name##_at);                                                   \
  }                                                                                                    \
  static void name##_unpack(const uint8_t *strip, int width, uint8_t *tile) {                          \
    unpack_float(strip, width, tile, name##_at);                                                       \
  }
FORMAT_FLOAT(f32)
FORMAT_FLOAT(f16)
FORMAT_FLOAT(bf16)
