// Kernels for formats with one scale for each 32 weights (Q4_0, Q5_0): weight = scale · (unsigned number - offset).
#pragma once
#include "dot.h"
#include "formats.h"

// Unsigned weights of four rows (group g: rows 4g…4g+3) whose nibbles share bytes: numbers 4k…4k+3 of a block, and those
// 16 after them; k from 0 to 3.
typedef void pair_32(const uint8_t *block, int k, int g, const struct kept *c, v128_t *low, v128_t *high);

// -offset · the sums of a block's activations, by pairs.
INLINE v128_t offset_sums(const int16_t *pairs, const int offset_log2) {
  return wasm_i16x8_sub(zero(), wasm_i16x8_shl(wasm_v128_load32_splat(pairs), (uint32_t)offset_log2));
}

INLINE void product_32(const uint8_t *const strips[WAYS], int width, struct act a, float *out, const int block_bytes, pair_32 pair, const int offset_log2, const int narrow) {
  const struct kept c = keep();
  v128_t f[WAYS][2] = {};
  size_t at = 0;
  for (int b = 0; b < width / 32; b++, at += block_bytes * STRIP) {
    const int8_t *x = a.q + b * 32;
    v128_t from = sums_from(offset_sums(a.pairs + 2 * b, offset_log2), &c, narrow), s[WAYS][2];
    UNROLL for (int n = 0; n < WAYS; n++) s[n][0] = s[n][1] = from;
    UNROLL for (int k = 0; k < 4; k++) {
      v128_t first = wasm_v128_load32_splat(x + 4 * k), second = wasm_v128_load32_splat(x + 4 * k + 16);
      UNROLL for (int n = 0; n < WAYS; n++)
        UNROLL for (int g = 0; g < 2; g++) {
          v128_t low, high;
          pair(strips[n] + at, k, g, &c, &low, &high);
          s[n][g] = dot(dot(s[n][g], first, low, narrow), second, high, narrow);
        }
    }
    v128_t d = wasm_v128_load32_splat(a.d + b), scale[2];
    UNROLL for (int n = 0; n < WAYS; n++) {
      scales_8(wasm_v128_load(strips[n] + at), &c, scale);
      UNROLL for (int g = 0; g < 2; g++)
        f[n][g] = madd(wasm_f32x4_convert_i32x4(widen(s[n][g], &c, narrow)), wasm_f32x4_mul(scale[g], d), f[n][g]);
    }
  }
  store_ways(f, out);
}

// Tile: weights [width / 4][2 groups], then scales [width / 32][8].
INLINE void unpack_32(const uint8_t *strip, int width, uint8_t *tile, const int block_bytes, pair_32 pair) {
  const struct kept c = keep();
  v128_t *w = (v128_t *)tile, *scales = w + width / 2;
  for (int b = 0; b < width / 32; b++, strip += block_bytes * STRIP, w += 16, scales += 2) {
    UNROLL for (int k = 0; k < 4; k++)
      UNROLL for (int g = 0; g < 2; g++) pair(strip, k, g, &c, &w[2 * k + g], &w[2 * k + g + 8]);
    scales_8(wasm_v128_load(strip), &c, scales);
  }
}

INLINE void products_32(const uint8_t *tile, int width, struct act a, float *out, const int offset_log2, const int narrow) {
  const struct kept c = keep();
  const v128_t *w = (const v128_t *)tile, *scales = w + width / 2;
  v128_t f[8] = {};
  for (int b = 0; b < width / 32; b++, w += 16, scales += 2) {
    const int8_t *x = a.q + b * 128;
    v128_t s[8];
    UNROLL for (int t = 0; t < 4; t++)
      s[t] = s[4 + t] = sums_from(offset_sums(a.pairs + (b * 4 + t) * 2, offset_log2), &c, narrow);
    ROLLED for (int k = 0; k < 8; k++)
      UNROLL for (int t = 0; t < 4; t++) {
        v128_t xs = wasm_v128_load32_splat(x + 16 * k + 4 * t);
        s[t] = dot(s[t], xs, w[2 * k], narrow);
        s[4 + t] = dot(s[4 + t], xs, w[2 * k + 1], narrow);
      }
    UNROLL for (int n = 0; n < 8; n++) {
      v128_t scale = wasm_f32x4_mul(scales[n / 4], wasm_v128_load32_splat(a.d + b * 4 + n % 4));
      f[n] = madd(wasm_f32x4_convert_i32x4(widen(s[n], &c, narrow)), scale, f[n]);
    }
  }
  UNROLL for (int t = 0; t < 4; t++) {
    wasm_v128_store(out + 8 * t, f[t]);
    wasm_v128_store(out + 8 * t + 4, f[4 + t]);
  }
}

#define FORMAT_32(name, suffix, bytes, offset_log2, narrow)                                                       \
  static void name##_##suffix##_product(const uint8_t *const strips[WAYS], int width, struct act a, float *out) { \
    product_32(strips, width, a, out, bytes, name##_pair, offset_log2, narrow);                                   \
  }                                                                                                               \
  static void name##_##suffix##_unpack(const uint8_t *strip, int width, uint8_t *tile) {                          \
    unpack_32(strip, width, tile, bytes, name##_pair);                                                            \
  }                                                                                                               \
  static void name##_##suffix##_products(const uint8_t *tile, int width, struct act a, float *out) {              \
    products_32(tile, width, a, out, offset_log2, narrow);                                                        \
  }
#ifdef __wasm_relaxed_simd__
#define FORMAT_32_BOTH(name, bytes, offset_log2) \
  FORMAT_32(name, wide, bytes, offset_log2, 0)   \
  FORMAT_32(name, narrow, bytes, offset_log2, 1)
#else
#define FORMAT_32_BOTH(name, bytes, offset_log2) FORMAT_32(name, wide, bytes, offset_log2, 0)
#endif
