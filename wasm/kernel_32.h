// Kernels for formats with one scale for each 32 weights (Q4_0, Q5_0): weight = scale · (unsigned number - offset).
#pragma once
#include "dot.h"
#include "formats.h"

// Unsigned weights of four rows: group g (rows 4g…4g+3), numbers 4k…4k+3 of a block.
typedef v128_t weights_32(const uint8_t *block, int k, int g);

// Low and high nibbles of one load, times their activations.
INLINE void step_32(const uint8_t *strip, const int8_t *x, int k, weights_32 weights, const int narrow, v128_t *s0, v128_t *s1) {
  v128_t low = wasm_v128_load32_splat(x + 4 * k), high = wasm_v128_load32_splat(x + 4 * k + 16);
  *s0 = dot(dot(*s0, low, weights(strip, k, 0), narrow), high, weights(strip, k + 4, 0), narrow);
  *s1 = dot(dot(*s1, low, weights(strip, k, 1), narrow), high, weights(strip, k + 4, 1), narrow);
}

INLINE void product_32(const uint8_t *strip, int width, struct act a, float *out, const int block_bytes, weights_32 weights, const int offset, const int depth, const int narrow) {
  v128_t f0 = zero(), f1 = zero();
  for (int b = 0; b < width / 32; b++, strip += block_bytes * STRIP) {
    const int8_t *x = a.q + b * 32;
    v128_t i0 = wasm_i32x4_splat(-offset * a.sum[b]), i1 = i0;
    v128_t s0 = zero(), s1 = zero();
    if (depth == 8) {
      ROLLED for (int k = 0; k < 4; k++) step_32(strip, x, k, weights, narrow, &s0, &s1);
    } else {  // five bits: where the fifth stands depends on k, so the steps are written out
      UNROLL for (int k = 0; k < 4; k++) {
        step_32(strip, x, k, weights, narrow, &s0, &s1);
        if (narrow && k == 1) {
          i0 = widen(i0, s0, 1), i1 = widen(i1, s1, 1);
          s0 = s1 = zero();
        }
      }
    }
    i0 = widen(i0, s0, narrow), i1 = widen(i1, s1, narrow);
    v128_t h = wasm_v128_load(strip), d = splat_f(a.d[b]);
    f0 = madd(wasm_f32x4_convert_i32x4(i0), wasm_f32x4_mul(halves_low(h), d), f0);
    f1 = madd(wasm_f32x4_convert_i32x4(i1), wasm_f32x4_mul(halves_high(h), d), f1);
  }
  wasm_v128_store(out, f0);
  wasm_v128_store(out + 4, f1);
}

// Tile: weights [width / 4][2 groups], then scales [width / 32][8].
INLINE void unpack_32(const uint8_t *strip, int width, uint8_t *tile, const int block_bytes, weights_32 weights) {
  v128_t *w = (v128_t *)tile, *scales = w + width / 2;
  for (int b = 0; b < width / 32; b++, strip += block_bytes * STRIP) {
    UNROLL for (int k = 0; k < 8; k++) {
      *w++ = weights(strip, k, 0);
      *w++ = weights(strip, k, 1);
    }
    v128_t h = wasm_v128_load(strip);
    *scales++ = halves_low(h);
    *scales++ = halves_high(h);
  }
}

INLINE void products_32(const uint8_t *tile, int width, struct act a, float *out, const int offset, const int depth, const int narrow) {
  const v128_t *w = (const v128_t *)tile, *scales = w + width / 2;
  v128_t f[8] = {};
  for (int b = 0; b < width / 32; b++, w += 16, scales += 2) {
    const int8_t *x = a.q + b * 128;
    v128_t i[8];
    UNROLL for (int t = 0; t < 4; t++) i[t] = i[4 + t] = wasm_i32x4_splat(-offset * a.sum[b * 4 + t]);
    const int steps = narrow ? depth : 8;
    UNROLL for (int first = 0; first < 8; first += steps) {
      v128_t s[8] = {};
      ROLLED for (int k = first; k < first + steps; k++)
        UNROLL for (int t = 0; t < 4; t++) {
          v128_t xs = wasm_v128_load32_splat(x + 16 * k + 4 * t);
          s[t] = dot(s[t], xs, w[2 * k], narrow);
          s[4 + t] = dot(s[4 + t], xs, w[2 * k + 1], narrow);
        }
      UNROLL for (int n = 0; n < 8; n++) i[n] = widen(i[n], s[n], narrow);
    }
    UNROLL for (int n = 0; n < 8; n++) {
      v128_t scale = wasm_f32x4_mul(scales[n / 4], splat_f(a.d[b * 4 + n % 4]));
      f[n] = madd(wasm_f32x4_convert_i32x4(i[n]), scale, f[n]);
    }
  }
  UNROLL for (int t = 0; t < 4; t++) {
    wasm_v128_store(out + 8 * t, f[t]);
    wasm_v128_store(out + 8 * t + 4, f[4 + t]);
  }
}

#define FORMAT_32(name, suffix, bytes, offset, depth, narrow)                                                    \
  static void name##_##suffix##_product(const uint8_t *strip, int width, struct act a, float *out) {             \
    product_32(strip, width, a, out, bytes, name##_weights, offset, depth, narrow);                              \
  }                                                                                                              \
  static void name##_##suffix##_unpack(const uint8_t *strip, int width, uint8_t *tile) {                         \
    unpack_32(strip, width, tile, bytes, name##_weights);                                                        \
  }                                                                                                              \
  static void name##_##suffix##_products(const uint8_t *tile, int width, struct act a, float *out) {             \
    products_32(tile, width, a, out, offset, depth, narrow);                                                     \
  }
#ifdef __wasm_relaxed_simd__
#define FORMAT_32_BOTH(name, bytes, offset, depth) \
  FORMAT_32(name, wide, bytes, offset, depth, 0)   \
  FORMAT_32(name, narrow, bytes, offset, depth, 1)
#else
#define FORMAT_32_BOTH(name, bytes, offset, depth) FORMAT_32(name, wide, bytes, offset, depth, 0)
#endif
