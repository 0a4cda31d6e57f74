// Q8_0: 32 int8 weights and a half-precision scale. w = d · n. Eight bits leave no room for the unsigned numbers of dot.h, so there
// are two kernels: one for machines whose product of bytes takes all eight bits, and one that multiplies 16-bit numbers.
#include "kernel_32.h"

// 16-bit numbers, two to a lane: a vector holds four neighbours of two rows, and the lanes of a row are added behind a block.
// Rolled, two strips, scales at once as in kernel_32.h (Zen 3: 33 -> 56 tokens/s of a 0.5B model).
INLINE v128_t lanes_of_rows(v128_t rows_01, v128_t rows_23) {
  return wasm_i32x4_add(wasm_i32x4_shuffle(rows_01, rows_23, 0, 2, 4, 6), wasm_i32x4_shuffle(rows_01, rows_23, 1, 3, 5, 7));
}

static void q8_0_product(const uint8_t *const strips[WAYS], int width, struct act a, float *out) {
  const struct kept c = keep();
  v128_t f[WAYS][2] = {};
  const uint8_t *p[WAYS];
  UNROLL for (int n = 0; n < WAYS; n++) p[n] = strips[n];
  const int16_t *x = a.q16;
  const float *d = a.d, *end = d + width / 32;
  do {
    v128_t s[WAYS][4] = {};
    const int16_t *stop = x + 32;
    ROLLED do {
      UNROLL for (int k = 0; k < 2; k++) {
        v128_t xs = wasm_v128_load64_splat(x + 4 * k);
        UNROLL for (int n = 0; n < WAYS; n++)
          UNROLL for (int r = 0; r < 4; r++)
            s[n][r] = wasm_i32x4_add(s[n][r], wasm_i32x4_dot_i16x8(wasm_i16x8_load8x8(p[n] + 16 + 32 * k + 8 * r), xs));
      }
      UNROLL for (int n = 0; n < WAYS; n++) p[n] += 64;
      x += 8;
    } while (x != stop);
    v128_t h[WAYS], scales[WAYS][2];
    UNROLL for (int n = 0; n < WAYS; n++) h[n] = wasm_v128_load(p[n] - 256);
    scales_times(h, WAYS, wasm_v128_load32_splat(d), &c, scales);
    UNROLL for (int n = 0; n < WAYS; n++) {
      UNROLL for (int g = 0; g < 2; g++)
        f[n][g] = madd(wasm_f32x4_convert_i32x4(lanes_of_rows(s[n][2 * g], s[n][2 * g + 1])), scales[n][g], f[n][g]);
      p[n] += 16;
    }
    d++;
  } while (d != end);
  store_ways(f, out);
}

// Tile: 16-bit weights [width / 2][2 groups][4 rows][2], then scales [width / 32][8].
static void q8_0_unpack(const uint8_t *strip, int width, uint8_t *tile) {
  const struct kept c = keep();
  v128_t *w = (v128_t *)tile, *scales = w + width;
  for (int b = 0; b < width / 32; b++, strip += 34 * STRIP, w += 32, scales += 2) {
    for (int k = 0; k < 8; k++)
      UNROLL for (int g = 0; g < 2; g++) {
        v128_t v = wasm_v128_load(strip + 16 + 32 * k + 16 * g);
        v = wasm_i16x8_shuffle(v, v, 0, 2, 4, 6, 1, 3, 5, 7);
        w[4 * k + g] = wasm_i16x8_extend_low_i8x16(v), w[4 * k + 2 + g] = wasm_i16x8_extend_high_i8x16(v);
      }
    scales_8(wasm_v128_load(strip), &c, scales);
  }
}

static void q8_0_products(const uint8_t *tile, int width, struct act a, float *out) {
  const v128_t *w = (const v128_t *)tile, *scales = w + width, *end = scales;
  const int16_t *x = a.q16;
  const float *d = a.d;
  v128_t *f = (v128_t *)out;
  UNROLL for (int n = 0; n < 8; n++) f[n] = zero();
  do {
    v128_t s[8] = {};
    const v128_t *stop = w + 32;
    ROLLED do {
      UNROLL for (int k = 0; k < 2; k++) {
        v128_t low = w[2 * k], high = w[2 * k + 1];
        UNROLL for (int t = 0; t < 4; t++) {
          v128_t xs = wasm_v128_load32_splat(x + 4 * t + 2 * k);
          s[t] = wasm_i32x4_add(s[t], wasm_i32x4_dot_i16x8(low, xs));
          s[4 + t] = wasm_i32x4_add(s[4 + t], wasm_i32x4_dot_i16x8(high, xs));
        }
        PINNED(s);
      }
      w += 4, x += 16;
    } while (w != stop);
    UNROLL for (int t = 0; t < 4; t++) {
      v128_t scale = wasm_v128_load32_splat(d + t);
      UNROLL for (int g = 0; g < 2; g++)
        f[2 * t + g] = madd(wasm_f32x4_convert_i32x4(s[4 * g + t]), wasm_f32x4_mul(scales[g], scale), f[2 * t + g]);
    }
    scales += 2, d += 4;
  } while (w != end);
}

#ifdef __wasm_relaxed_simd__
// All eight bits at once (control.full_dot). Where the instruction takes weights as unsigned numbers, their sign bit is turned
// round, which adds 128, and the sums begin with -128 times the activations' sum. Where it takes them as signed, they are right
// as they are. Three instructions for sixteen products instead of seven or more.
INLINE v128_t full_minus(void) { return wasm_v128_load(control.full_dot == FULL_UNSIGNED ? kept.minus_128 : kept.none); }
INLINE v128_t full_flip(void) { return wasm_i8x16_splat(control.full_dot == FULL_UNSIGNED ? -128 : 0); }

static void q8_0_full_product(const uint8_t *const strips[WAYS], int width, struct act a, float *out) {
  const struct kept c = keep();
  const v128_t flip = full_flip(), minus = full_minus();
  v128_t f[WAYS][2] = {};
  const uint8_t *p[WAYS];
  UNROLL for (int n = 0; n < WAYS; n++) p[n] = strips[n];
  const struct x4 *x = a.q;
  const int16_t *pairs = a.pairs;
  const float *d = a.d, *end = d + width / 32;
  do {
    v128_t from = offset_sums(pairs, minus, 0), s[WAYS][2];
    UNROLL for (int n = 0; n < WAYS; n++) s[n][0] = s[n][1] = from;
    const struct x4 *stop = x + 8;
    ROLLED do {
      UNROLL for (int k = 0; k < 4; k++) {
        operand xs = load_x(x + k);
        UNROLL for (int n = 0; n < WAYS; n++)
          UNROLL for (int g = 0; g < 2; g++)
            s[n][g] = dot(s[n][g], xs, wasm_v128_xor(wasm_v128_load(p[n] + 16 + 32 * k + 16 * g), flip), 0);
      }
      UNROLL for (int n = 0; n < WAYS; n++) p[n] += 128;
      x += 4;
    } while (x != stop);
    v128_t h[WAYS], scales[WAYS][2];
    UNROLL for (int n = 0; n < WAYS; n++) h[n] = wasm_v128_load(p[n] - 256);
    scales_times(h, WAYS, wasm_v128_load32_splat(d), &c, scales);
    UNROLL for (int n = 0; n < WAYS; n++) {
      UNROLL for (int g = 0; g < 2; g++) f[n][g] = madd(wasm_f32x4_convert_i32x4(s[n][g]), scales[n][g], f[n][g]);
      p[n] += 16;
    }
    pairs += 2, d++;
  } while (d != end);
  store_ways(f, out);
}

// Tile: that of kernel_32.h.
static void q8_0_full_unpack(const uint8_t *strip, int width, uint8_t *tile) {
  const struct kept c = keep();
  const v128_t flip = full_flip();
  v128_t *w = (v128_t *)tile, *scales = w + width / 2;
  for (int b = 0; b < width / 32; b++, strip += 34 * STRIP, scales += 2) {
    for (int k = 0; k < 16; k++) *w++ = wasm_v128_xor(wasm_v128_load(strip + 16 + 16 * k), flip);
    scales_8(wasm_v128_load(strip), &c, scales);
  }
}

static void q8_0_full_products(const uint8_t *tile, int width, struct act a, float *out) {
  products_32(tile, width, a, out, 0, full_minus(), 0);
}
#endif
