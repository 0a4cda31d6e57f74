#include "act.h"

INLINE float largest(const float *x, int n) {
  v128_t m = zero();
  for (int i = 0; i < n; i += 4) m = wasm_f32x4_pmax(m, wasm_f32x4_abs(wasm_v128_load(x + i)));
  return max_f(m);
}

// 16 floats to 16 int8, to nearest even.
INLINE v128_t round16(const float *x, v128_t inverse) {
  v128_t a = wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_nearest(wasm_f32x4_mul(wasm_v128_load(x), inverse)));
  v128_t b = wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_nearest(wasm_f32x4_mul(wasm_v128_load(x + 4), inverse)));
  v128_t c = wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_nearest(wasm_f32x4_mul(wasm_v128_load(x + 8), inverse)));
  v128_t d = wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_nearest(wasm_f32x4_mul(wasm_v128_load(x + 12), inverse)));
  return wasm_i8x16_narrow_i16x8(wasm_i16x8_narrow_i32x4(a, b), wasm_i16x8_narrow_i32x4(c, d));
}

// The sum of those at 0 and 1 (mod 4), and of those at 2 and 3, in the low two of eight 16-bit lanes.
INLINE v128_t pair_sums(v128_t v) {
  v128_t s = wasm_i16x8_extadd_pairwise_i8x16(v);
  s = wasm_i16x8_add(s, wasm_i32x4_shuffle(s, s, 2, 3, 0, 1));
  return wasm_i16x8_add(s, wasm_i32x4_shuffle(s, s, 1, 0, 3, 2));
}
INLINE void store_pair(int16_t *to, v128_t pair) { wasm_v128_store32_lane(to, pair, 0); }

// Four words of 32 bits (or of 64: two vectors), each `lanes` words from the one before.
INLINE void store_words(void *to, v128_t v, int lanes, int lane) {
  if (lanes == 1) {
    wasm_v128_store(to, v);
    return;
  }
  int32_t *w = (int32_t *)to + lane;
  w[0] = wasm_i32x4_extract_lane(v, 0);
  w[lanes] = wasm_i32x4_extract_lane(v, 1);
  w[2 * lanes] = wasm_i32x4_extract_lane(v, 2);
  w[3 * lanes] = wasm_i32x4_extract_lane(v, 3);
}
INLINE void store_long_words(void *to, v128_t low, v128_t high, int lanes, int lane) {
  int64_t *w = (int64_t *)to + lane;
  w[0] = wasm_i64x2_extract_lane(low, 0);
  w[lanes] = wasm_i64x2_extract_lane(low, 1);
  w[2 * lanes] = wasm_i64x2_extract_lane(high, 0);
  w[3 * lanes] = wasm_i64x2_extract_lane(high, 1);
}

// 16 int8 as four x4, from x4 number `at` of the row on.
INLINE void store_x4(struct x4 *to, int at, v128_t q, int lanes, int lane) {
#ifdef __wasm_relaxed_simd__
  store_words(to + (size_t)at * lanes, q, lanes, lane);
#else
  v128_t even = wasm_i16x8_shr(wasm_i16x8_shl(q, 8), 8), odd = wasm_i16x8_shr(q, 8);
  store_long_words(to + (size_t)at * lanes, wasm_i32x4_shuffle(even, odd, 0, 4, 1, 5), wasm_i32x4_shuffle(even, odd, 2, 6, 3, 7), lanes, lane);
#endif
}

static void prepare_q8(struct act a, const float *x, int width, int forms, int lanes, int lane) {
  for (int i = 0; i < width; i += 32) {
    float top = largest(x + i, 32), d = top / 127.0f;
    v128_t inverse = splat_f(top > 0 ? 127.0f / top : 0);
    v128_t q[2] = {round16(x + i, inverse), round16(x + i + 16, inverse)};
    int b = i / 32 * lanes + lane;
    a.d[b] = d;
    store_pair(a.pairs + 2 * b, wasm_i16x8_add(pair_sums(q[0]), pair_sums(q[1])));
    for (int h = 0; h < 2; h++) {
      int at = i + 16 * h;
      if (forms & FORM_Q8) store_x4(a.q, at / 4, q[h], lanes, lane);
      if (forms & FORM_Q16) {
        v128_t low = wasm_i16x8_extend_low_i8x16(q[h]), high = wasm_i16x8_extend_high_i8x16(q[h]);
        store_long_words(a.q16 + (size_t)at * lanes, low, high, lanes, lane);
      }
    }
  }
}

static void prepare_q8_k(struct act a, const float *x, int width, int lanes, int lane) {
  for (int i = 0; i < width; i += 256) {
    float top = largest(x + i, 256), d = top / 127.0f;
    v128_t inverse = splat_f(top > 0 ? 127.0f / top : 0);
    a.dk[i / 256 * lanes + lane] = d;
    for (int j = 0; j < 256; j += 32) {
      v128_t both = zero();
      for (int h = 0; h < 2; h++) {
        int at = i + j + 16 * h;
        v128_t q = round16(x + at, inverse), sums = pair_sums(q);
        store_x4(a.qk, at / 4, q, lanes, lane);
        store_pair(a.offset6 + (at / 16 * lanes + lane) * 2, wasm_i16x8_mul(sums, wasm_i16x8_const_splat(-32)));
        both = wasm_i16x8_add(both, sums);
      }
      int sum = wasm_i16x8_extract_lane(both, 0) + wasm_i16x8_extract_lane(both, 1);
      a.sum32[((i + j) / 64 * lanes + lane) * 2 + (j / 32 & 1)] = (int16_t)sum;
    }
  }
}

void act_prepare(struct act a, const float *x, int width, int forms, int lanes, int lane) {
  if (forms & (FORM_Q8 | FORM_Q16)) prepare_q8(a, x, width, forms, lanes, lane);
  if (forms & FORM_Q8_K) prepare_q8_k(a, x, width, lanes, lane);
  if (forms & FORM_F32)
    for (int i = 0; i < width; i++) a.f[(size_t)i * lanes + lane] = x[i];
}
