// The inner product of small integers: weights 0…127 times activations -127…127, four neighbours of a row to a 32-bit lane.
//
// With relaxed SIMD both are bytes. "Wide" sums straight into 32-bit lanes: one instruction where the machine has an 8-bit dot
// product (AVX-VNNI, Arm's dotprod), three and more where it has not. "Narrow" sums pairs into 16-bit lanes, which every x86
// since SSSE3 does in one instruction, and widens when the lanes are full. Which of the two is faster is measured (`exercise` in probe.c).
//
// Plain SIMD has no product of bytes. There both are numbers of 16 bits, the first and third of the four in one vector, the
// second and fourth in another, and products are summed into 16-bit lanes as in the narrow form: a multiplication and an addition for
// eight weights on x86 and Arm alike (`dot_i16x8` would save one widening a block on x86, and take three instructions on Arm).
//
// When 16 bits are full: sums may run over on the way as long as the last one fits. Formats with an offset begin their
// sums with -offset · (sum of the activations), so that what counts is the offset weight: 16 products of 5-bit weights
// (16 · 16 · 127 < 2^15), 8 of 6-bit ones. Formats with a minimum of their own have unsigned weights to the end: 8
// products of 5-bit weights, 16 of 4-bit ones.
#pragma once
#include "act.h"
#include "kept.h"

#ifdef __wasm_relaxed_simd__
// Four neighbouring numbers of each lane's row.
typedef v128_t operand;

INLINE operand load_x(const struct x4 *x) { return wasm_v128_load32_splat(x); }
INLINE operand operand_of(v128_t bytes, const struct kept *c) { return (void)c, bytes; }

INLINE v128_t dot(v128_t sums, operand x, operand w, const int narrow) {
  if (narrow) return wasm_i16x8_add(sums, wasm_i16x8_relaxed_dot_i8x16_i7x16(x, w));
  return wasm_i32x4_relaxed_dot_i8x16_i7x16_add(x, w, sums);
}
#else
typedef struct {
  v128_t even, odd;
} operand;

INLINE operand load_x(const struct x4 *x) { return (operand){wasm_v128_load32_splat(x->even), wasm_v128_load32_splat(x->odd)}; }
INLINE operand operand_of(v128_t bytes, const struct kept *c) { return (operand){wasm_v128_and(bytes, c->low_bytes), wasm_u16x8_shr(bytes, 8)}; }

INLINE v128_t dot(v128_t sums, operand x, operand w, const int narrow) {
  (void)narrow;
  return wasm_i16x8_add(wasm_i16x8_add(sums, wasm_i16x8_mul(x.even, w.even)), wasm_i16x8_mul(x.odd, w.odd));
}
#endif

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

// The two nibbles of each byte: as bytes, and as operands.
INLINE v128_t nibbles_low(v128_t v, const struct kept *c) { return wasm_v128_and(v, c->low_nibbles); }
INLINE v128_t nibbles_high(v128_t v, const struct kept *c) { return wasm_v128_and(wasm_u16x8_shr(v, 4), c->low_nibbles); }
INLINE void nibbles(v128_t v, const struct kept *c, operand *low, operand *high) {
#ifdef __wasm_relaxed_simd__
  *low = nibbles_low(v, c), *high = nibbles_high(v, c);
#else
  *low = (operand){wasm_v128_and(v, c->lowest_nibbles), wasm_v128_and(wasm_u16x8_shr(v, 8), c->lowest_nibbles)};
  *high = (operand){wasm_v128_and(wasm_u16x8_shr(v, 4), c->lowest_nibbles), wasm_u16x8_shr(v, 12)};
#endif
}
// Shifted to the left (negative: right); bits cross the borders of bytes, for a mask to cut off.
INLINE v128_t shifted(v128_t v, const int left) {
  return left >= 0 ? wasm_i16x8_shl(v, (uint32_t)left) : wasm_u16x8_shr(v, (uint32_t)-left);
}

// control.full_dot: whether the wide form takes weights of all eight bits, and as what. WebAssembly leaves open what becomes of an
// eighth bit, but says that it is the same everywhere in an engine; x86's own instruction takes it as unsigned, Arm's as signed.
enum { FULL_NONE, FULL_UNSIGNED, FULL_SIGNED };

// Keeps the eight sums of a turn in the order of the program. LLVM would move the loads of several steps to the front, and V8 would
// then run out of registers. (Q4_0's prefill, one thread, Zen 5: 215 -> 225 tokens/s.)
#define PINNED(a)                                                                                          \
  __asm__ volatile(""                                                                                      \
                   : "+r"((a)[0]), "+r"((a)[1]), "+r"((a)[2]), "+r"((a)[3]), "+r"((a)[4]), "+r"((a)[5]), \
                     "+r"((a)[6]), "+r"((a)[7]))
