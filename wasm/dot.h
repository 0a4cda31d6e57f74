// The inner product of small integers: weights 0…127 times activations -127…127, four to a lane.
//
// "Wide" sums straight into 32-bit lanes: one instruction where the machine has an 8-bit dot product (AVX-VNNI, Arm's
// dotprod), three and more where it has not. "Narrow" sums pairs into 16-bit lanes, which every x86 since SSSE3 does in
// one instruction, and widens when the lanes are full. Which of the two is faster is measured at start-up (`probe`).
//
// When 16 bits are full: sums may run over on the way as long as the last one fits. Formats with an offset begin their
// sums with -offset · (sum of the activations), so that what counts is the offset weight: 16 products of 5-bit weights
// (16 · 16 · 127 < 2^15), 8 of 6-bit ones. Formats with a minimum of their own have unsigned weights to the end: 8
// products of 5-bit weights, 16 of 4-bit ones.
#pragma once
#include "kept.h"

INLINE v128_t dot_wide(v128_t sums, v128_t x, v128_t w) {
#ifdef __wasm_relaxed_simd__
  return wasm_i32x4_relaxed_dot_i8x16_i7x16_add(x, w, sums);
#else
  v128_t low = wasm_i16x8_const_splat(0xff);
  v128_t even = wasm_i32x4_dot_i16x8(wasm_v128_and(w, low), wasm_i16x8_shr(wasm_i16x8_shl(x, 8), 8));
  v128_t odd = wasm_i32x4_dot_i16x8(wasm_u16x8_shr(w, 8), wasm_i16x8_shr(x, 8));
  return wasm_i32x4_add(sums, wasm_i32x4_add(even, odd));
#endif
}

INLINE v128_t dot(v128_t sums, v128_t x, v128_t w, const int narrow) {
#ifdef __wasm_relaxed_simd__
  if (narrow) return wasm_i16x8_add(sums, wasm_i16x8_relaxed_dot_i8x16_i7x16(x, w));
#endif
  (void)narrow;
  return dot_wide(sums, x, w);
}

// 16-bit lanes, as 32-bit ones: where sums begin that are not zero (wide), and what they come to (narrow).
INLINE v128_t sums_from(v128_t pairs, const struct kept *c, const int narrow) {
  return narrow ? pairs : wasm_i32x4_dot_i16x8(pairs, c->ones);
}
INLINE v128_t widen(v128_t sums, const struct kept *c, const int narrow) {
  return narrow ? wasm_i32x4_dot_i16x8(sums, c->ones) : sums;
}

// total + sums · scale; the scale stands in both halves of its 32-bit lane.
INLINE v128_t widen_scaled(v128_t total, v128_t sums, v128_t scale, const int narrow) {
  return wasm_i32x4_add(total, narrow ? wasm_i32x4_dot_i16x8(sums, scale) : wasm_i32x4_mul(sums, wasm_i32x4_shr(scale, 16)));
}

// The two nibbles of each byte.
INLINE v128_t nibbles_low(v128_t v, const struct kept *c) { return wasm_v128_and(v, c->low_nibbles); }
INLINE v128_t nibbles_high(v128_t v, const struct kept *c) { return wasm_v128_and(wasm_u16x8_shr(v, 4), c->low_nibbles); }
// Shifted to the left (negative: right); bits cross the borders of bytes, for a mask to cut off.
INLINE v128_t shifted(v128_t v, const int left) {
  return left >= 0 ? wasm_i16x8_shl(v, (uint32_t)left) : wasm_u16x8_shr(v, (uint32_t)-left);
}
