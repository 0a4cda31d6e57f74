// What every file here stands on: fixed-width types, SIMD, small numeric helpers. No C library.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <wasm_simd128.h>

#define INLINE static inline __attribute__((always_inline))
#define EXPORT(name) __attribute__((export_name(#name)))
#define UNROLL _Pragma("clang loop unroll(full)")
// V8 moves the loads of a straight stretch of code to its front: a long one runs out of registers and spends its time on
// the stack. Kernels keep loops of about a dozen loads.
#define ROLLED _Pragma("clang loop unroll(disable)")

// An address in a record: eight bytes in 32-bit and 64-bit memories alike.
typedef uint64_t pointer64;
#define AT(type, p) ((type *)(uintptr_t)(p))

INLINE int min_int(int a, int b) { return a < b ? a : b; }
INLINE int max_int(int a, int b) { return a > b ? a : b; }
INLINE int ceil_div(int a, int b) { return (a + b - 1) / b; }

INLINE v128_t splat_f(float x) { return wasm_f32x4_splat(x); }
INLINE v128_t zero(void) { return wasm_i32x4_const_splat(0); }

// a * b + c: one rounding where the machine has it.
INLINE v128_t madd(v128_t a, v128_t b, v128_t c) {
#ifdef __wasm_relaxed_simd__
  return wasm_f32x4_relaxed_madd(a, b, c);
#else
  return wasm_f32x4_add(wasm_f32x4_mul(a, b), c);
#endif
}

INLINE float sum_f(v128_t v) {
  v = wasm_f32x4_add(v, wasm_i32x4_shuffle(v, v, 2, 3, 0, 1));
  v = wasm_f32x4_add(v, wasm_i32x4_shuffle(v, v, 1, 0, 3, 2));
  return wasm_f32x4_extract_lane(v, 0);
}

INLINE float max_f(v128_t v) {
  v = wasm_f32x4_pmax(v, wasm_i32x4_shuffle(v, v, 2, 3, 0, 1));
  v = wasm_f32x4_pmax(v, wasm_i32x4_shuffle(v, v, 1, 0, 3, 2));
  return wasm_f32x4_extract_lane(v, 0);
}

// Finite halves, each in a 32-bit lane with its sign extended. Nothing here computes on subnormal floats, which some
// processors are fifty times slower on (the scales of small weights are subnormal halves): with the exponent raised by 112
// a normal half is right; raised by 113 a subnormal one is 2^-14 too large, and less that it is the smaller of the two for
// subnormal ones only.
INLINE v128_t from_halves(v128_t bits) {
  v128_t magnitude = wasm_i32x4_shl(wasm_v128_and(bits, wasm_i32x4_const_splat(0x7fff)), 13);
  v128_t sign = wasm_v128_and(bits, wasm_i32x4_const_splat((int)0x80000000));
  v128_t normal = wasm_i32x4_add(magnitude, wasm_i32x4_const_splat(112 << 23));
  v128_t raised = wasm_i32x4_add(magnitude, wasm_i32x4_const_splat(113 << 23));
  return wasm_v128_or(wasm_i32x4_min(normal, wasm_f32x4_sub(raised, splat_f(0x1p-14f))), sign);
}
INLINE v128_t halves_low(v128_t h) { return from_halves(wasm_i32x4_extend_low_i16x8(h)); }
INLINE v128_t halves_high(v128_t h) { return from_halves(wasm_i32x4_extend_high_i16x8(h)); }

INLINE float bits_to_float(uint32_t u) { return __builtin_bit_cast(float, u); }
INLINE uint32_t float_to_bits(float f) { return __builtin_bit_cast(uint32_t, f); }

// To nearest even, for a cache: beyond the largest half it stays at the largest (65504), so that a cache never holds an infinity, and
// below the smallest normal one (2^-14) it is zero, so that reading it takes no care of subnormals.
INLINE uint16_t half_from_float(float f) {
  uint32_t u = float_to_bits(f), sign = (u >> 16) & 0x8000, a = u & 0x7fffffff;
  if (a >= 0x477ff000) return (uint16_t)(sign | 0x7bff);
  if (a < 0x38800000) return (uint16_t)sign;
  return (uint16_t)(sign | ((a - 0x38000000 + 0xfff + ((a >> 13) & 1)) >> 13));
}

// e^x to about 1 ulp: x = n·ln 2 + r, a polynomial in r (minimax on ±ln 2 / 2), n into the exponent.
INLINE v128_t exp_f(v128_t x) {
  x = wasm_f32x4_pmin(wasm_f32x4_pmax(x, splat_f(-87.0f)), splat_f(88.0f));
  v128_t n = wasm_f32x4_nearest(wasm_f32x4_mul(x, splat_f(1.44269504f)));
  v128_t r = wasm_f32x4_sub(x, wasm_f32x4_mul(n, splat_f(0.693359375f)));
  r = wasm_f32x4_sub(r, wasm_f32x4_mul(n, splat_f(-2.12194440e-4f)));
  v128_t p = splat_f(1.9875691500e-4f);
  p = madd(p, r, splat_f(1.3981999507e-3f));
  p = madd(p, r, splat_f(8.3334519073e-3f));
  p = madd(p, r, splat_f(4.1665795894e-2f));
  p = madd(p, r, splat_f(1.6666665459e-1f));
  p = madd(p, r, splat_f(5.0000001201e-1f));
  p = wasm_f32x4_add(madd(p, wasm_f32x4_mul(r, r), r), splat_f(1.0f));
  v128_t e = wasm_i32x4_shl(wasm_i32x4_trunc_sat_f32x4(n), 23);
  return wasm_i32x4_add(p, e);
}

INLINE v128_t silu_f(v128_t x) {
  return wasm_f32x4_div(x, wasm_f32x4_add(splat_f(1.0f), exp_f(wasm_f32x4_neg(x))));
}
