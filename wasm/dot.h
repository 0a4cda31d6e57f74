// The inner product of small integers: weights 0…127 times activations -127…127, four to a lane.
//
// "Wide" sums straight into 32-bit lanes: one instruction where the machine has an 8-bit dot product (AVX-VNNI, Arm's
// dotprod), three and more where it has not. "Narrow" sums pairs into 16-bit lanes, which every x86 since SSSE3 does in
// one instruction, and widens when the lanes are full: after 8 steps for 4-bit weights (8 · 2 · 15 · 127 < 2^15), 4 for
// 5-bit, 2 for 6-bit ones. Which of the two is faster is measured at start-up (`probe`).
#pragma once
#include "base.h"

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

// total + sums, as 32-bit lanes.
INLINE v128_t widen(v128_t total, v128_t sums, const int narrow) {
  return wasm_i32x4_add(total, narrow ? wasm_i32x4_dot_i16x8(sums, wasm_i16x8_const_splat(1)) : sums);
}

// total + sums · scale; the scale stands in both halves of its 32-bit lane.
INLINE v128_t widen_scaled(v128_t total, v128_t sums, v128_t scale, const int narrow) {
  return wasm_i32x4_add(total, narrow ? wasm_i32x4_dot_i16x8(sums, scale) : wasm_i32x4_mul(sums, wasm_i32x4_shr(scale, 16)));
}

INLINE v128_t nibbles_low(v128_t v) { return wasm_v128_and(v, wasm_i8x16_const_splat(15)); }
INLINE v128_t nibbles_high(v128_t v) { return wasm_v128_and(wasm_u16x8_shr(v, 4), wasm_i8x16_const_splat(15)); }
// Bits `mask` of each byte after a shift to the left (negative: right).
INLINE v128_t shifted(v128_t v, const int left, const int mask) {
  v = left >= 0 ? wasm_i16x8_shl(v, (uint32_t)left) : wasm_u16x8_shr(v, (uint32_t)-left);
  return wasm_v128_and(v, wasm_i8x16_splat((int8_t)mask));
}
