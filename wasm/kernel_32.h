// Kernels for formats with one scale for each 32 weights (Q4_0, Q4_1, Q5_0, Q5_1): weight = scale · (unsigned number - offset),
// and with a minimum of the block's own: weight = scale · unsigned number + minimum.
#pragma once
#include "dot.h"
#include "formats.h"

// Unsigned weights of four rows (group g: rows 4g…4g+3) whose nibbles share bytes: numbers 4k…4k+3 of a block, and those
// 16 after them; k from 0 to 3.
typedef void pair_32(const uint8_t *block, int k, int g, const struct kept *c, operand *low, operand *high);

// Nibbles with a fifth bit, which stands in a word of its own: bits k and 4 + k of its bytes belong to step k.
INLINE void five_bits(v128_t v, v128_t fifth, int k, const struct kept *c, operand *low, operand *high) {
  *low = operand_of(wasm_v128_or(nibbles_low(v, c), wasm_v128_and(shifted(fifth, 4 - k), c->fifth_bits)), c);
  *high = operand_of(wasm_v128_or(nibbles_high(v, c), wasm_v128_and(shifted(fifth, -k), c->fifth_bits)), c);
}

// What all sums of a block begin with: -offset · the sums of its activations. `minus`: -offset in 16-bit lanes.
INLINE v128_t minus_lanes(const int offset_log2) { return wasm_v128_load(offset_log2 == 3 ? kept.minus_8 : kept.minus_16); }
INLINE v128_t offset_sums(const int16_t *pairs, v128_t minus, const int narrow) {
  v128_t p = wasm_v128_load32_splat(pairs);
  return narrow ? wasm_i16x8_mul(p, minus) : wasm_i32x4_dot_i16x8(p, minus);
}
// The sum of a block's activations.
INLINE v128_t block_sum(const int16_t *pairs, const struct kept *c) {
  return wasm_f32x4_convert_i32x4(wasm_i32x4_dot_i16x8(wasm_v128_load32_splat(pairs), c->ones));
}
// scale · n + minimum = scale · (n - offset) + (minimum + offset · scale): the unsigned numbers keep their offset, so that narrow sums fit.
INLINE v128_t offset_minimum(v128_t minimum, v128_t scale, const int offset_log2) {
  return madd(scale, splat_f((float)(1 << offset_log2)), minimum);
}

// A block of a strip: scales, minima (with_minimum), words of fifth bits (bits == 5), 128 bytes of nibbles.
//
// Two strips at a time: four sums, the activations, the masks and what is under way fit into V8's fifteen registers. The loop over
// the nibbles stays a loop, two steps a turn: in a straight stretch V8 loads everything early and then puts it aside
// (Q4_0 from the cache, Zen 5: four strips unrolled 24-28 GB/s, two unrolled 28.5, two rolled 33.3).
INLINE void product_32(const uint8_t *const strips[WAYS], int width, struct act a, float *out, const int block_bytes, const int bits, const int with_minimum, const int offset_log2, const int narrow) {
  const struct kept c = keep();
  const v128_t minus = minus_lanes(offset_log2);
  const int at_nibbles = block_bytes * STRIP - 128;
  v128_t f[WAYS][2] = {};
  const uint8_t *p[WAYS];
  UNROLL for (int n = 0; n < WAYS; n++) p[n] = strips[n];
  const struct x4 *x = a.q;
  const int16_t *pairs = a.pairs;
  const float *d = a.d, *end = d + width / 32;
  do {
    v128_t from = offset_sums(pairs, minus, narrow), s[WAYS][2], fifth[WAYS][2];
    UNROLL for (int n = 0; n < WAYS; n++)
      UNROLL for (int g = 0; g < 2; g++) {
        s[n][g] = from;
        if (bits == 5) fifth[n][g] = wasm_v128_load(p[n] + at_nibbles - 32 + 16 * g);
      }
    const struct x4 *middle = x + 4;
    ROLLED do {
      UNROLL for (int k = 0; k < 2; k++) {
        operand first = load_x(x + k), second = load_x(x + k + 4);
        UNROLL for (int n = 0; n < WAYS; n++)
          UNROLL for (int g = 0; g < 2; g++) {
            v128_t v = wasm_v128_load(p[n] + at_nibbles + 32 * k + 16 * g);
            operand low, high;
            if (bits == 5) five_bits(v, fifth[n][g], k, &c, &low, &high);
            else nibbles(v, &c, &low, &high);
            s[n][g] = dot(dot(s[n][g], first, low, narrow), second, high, narrow);
          }
      }
      UNROLL for (int n = 0; n < WAYS; n++) {
        p[n] += 64;
        // Shifted along instead of by a number that changes with the turn.
        if (bits == 5) UNROLL for (int g = 0; g < 2; g++) fifth[n][g] = wasm_u16x8_shr(fifth[n][g], 2);
      }
      x += 2;
    } while (x != middle);
    v128_t h[WAYS * 2], scales[WAYS * 2][2];
    UNROLL for (int n = 0; n < WAYS; n++) {
      h[n] = wasm_v128_load(p[n] - 128);
      if (with_minimum) h[WAYS + n] = wasm_v128_load(p[n] - 128 + 16);
    }
    scales_times(h, with_minimum ? 2 * WAYS : WAYS, wasm_v128_load32_splat(d), &c, scales);
    UNROLL for (int n = 0; n < WAYS; n++)
      UNROLL for (int g = 0; g < 2; g++) {
        f[n][g] = madd(wasm_f32x4_convert_i32x4(widen(s[n][g], &c, narrow)), scales[n][g], f[n][g]);
        if (with_minimum) f[n][g] = madd(offset_minimum(scales[WAYS + n][g], scales[n][g], offset_log2), block_sum(pairs, &c), f[n][g]);
      }
    UNROLL for (int n = 0; n < WAYS; n++) p[n] += block_bytes * STRIP - 128;
    x += 4, pairs += 2, d++;
  } while (d != end);
  store_ways(f, out);
}

// Tile: weights [width / 4][2 groups], then scales [width / 32][8], then minima of the offset weights [width / 32][8].
INLINE void unpack_32(const uint8_t *strip, int width, uint8_t *tile, const int block_bytes, const int with_minimum, const int offset_log2, pair_32 pair) {
  const struct kept c = keep();
  operand *w = (operand *)tile;
  v128_t *scales = (v128_t *)(w + width / 2), *minima = scales + width / 16;
  for (int b = 0; b < width / 32; b++, strip += block_bytes * STRIP, w += 16, scales += 2, minima += 2) {
    UNROLL for (int k = 0; k < 4; k++)
      UNROLL for (int g = 0; g < 2; g++) pair(strip, k, g, &c, &w[2 * k + g], &w[2 * k + g + 8]);
    scales_8(wasm_v128_load(strip), &c, scales);
    if (!with_minimum) continue;
    scales_8(wasm_v128_load(strip + 16), &c, minima);
    UNROLL for (int g = 0; g < 2; g++) minima[g] = offset_minimum(minima[g], scales[g], offset_log2);
  }
}

// Eight integer sums are in registers; the float sums lie in `out`, which V8 addresses better than spill slots of its own.
INLINE void products_32(const uint8_t *tile, int width, struct act a, float *out, const int with_minimum, v128_t minus, const int narrow) {
  const struct kept c = keep();
  const operand *w = (const operand *)tile;
  const v128_t *scales = (const v128_t *)(w + width / 2), *minima = scales + width / 16;
  const operand *end = w + width / 2;
  const struct x4 *x = a.q;
  const int16_t *pairs = a.pairs;
  const float *d = a.d;
  v128_t *f = (v128_t *)out;
  UNROLL for (int n = 0; n < 8; n++) f[n] = zero();
  do {
    v128_t s[8];
    UNROLL for (int t = 0; t < 4; t++) s[t] = s[4 + t] = offset_sums(pairs + 2 * t, minus, narrow);
    const operand *stop = w + 16;
    ROLLED do {
      UNROLL for (int k = 0; k < 2; k++) {
        operand low = w[2 * k], high = w[2 * k + 1];
        UNROLL for (int t = 0; t < 4; t++) {
          operand xs = load_x(x + 4 * k + t);
          s[t] = dot(s[t], xs, low, narrow);
          s[4 + t] = dot(s[4 + t], xs, high, narrow);
        }
        PINNED(s);
      }
      w += 4, x += 8;
    } while (w != stop);
    UNROLL for (int t = 0; t < 4; t++) {
      v128_t scale = wasm_v128_load32_splat(d + t);
      UNROLL for (int g = 0; g < 2; g++) {
        v128_t sum = madd(wasm_f32x4_convert_i32x4(widen(s[4 * g + t], &c, narrow)), wasm_f32x4_mul(scales[g], scale), f[2 * t + g]);
        if (with_minimum) sum = madd(minima[g], wasm_f32x4_mul(block_sum(pairs + 2 * t, &c), scale), sum);
        f[2 * t + g] = sum;
      }
    }
    scales += 2, minima += 2, pairs += 8, d += 4;
  } while (w != end);
}

#define FORMAT_32(name, suffix, bytes, bits, with_minimum, offset_log2, narrow)                                   \
  static void name##_product_##suffix(const uint8_t *const strips[WAYS], int width, struct act a, float *out) {   \
    product_32(strips, width, a, out, bytes, bits, with_minimum, offset_log2, narrow);                            \
  }                                                                                                               \
  static void name##_products_##suffix(const uint8_t *tile, int width, struct act a, float *out) {                \
    products_32(tile, width, a, out, with_minimum, minus_lanes(offset_log2), narrow);                             \
  }
#define UNPACK_32(name, bytes, with_minimum, offset_log2)                                \
  static void name##_unpack(const uint8_t *strip, int width, uint8_t *tile) {            \
    unpack_32(strip, width, tile, bytes, with_minimum, offset_log2, name##_pair);        \
  }
#ifdef __wasm_relaxed_simd__
#define FORMAT_32_BOTH(name, bytes, bits, with_minimum, offset_log2) \
  UNPACK_32(name, bytes, with_minimum, offset_log2)                  \
  FORMAT_32(name, wide, bytes, bits, with_minimum, offset_log2, 0)   \
  FORMAT_32(name, narrow, bytes, bits, with_minimum, offset_log2, 1)
#else
#define FORMAT_32_BOTH(name, bytes, bits, with_minimum, offset_log2) \
  UNPACK_32(name, bytes, with_minimum, offset_log2)                  \
  FORMAT_32(name, narrow, bytes, bits, with_minimum, offset_log2, 1)
#endif
