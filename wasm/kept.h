// Constants of the kernels' inner loops. V8 builds a vector constant anew wherever it is used, in three instructions; what
// a function loads from memory before its loops stays in a register, or costs one load from the stack. So the compiler must
// not see the values: they are in a file of their own.
#pragma once
#include "base.h"

struct kept_lanes {
  int16_t ones[8];
  uint8_t low_nibbles[16], fifth_bits[16], high_pairs[16];
  uint16_t low_bytes[8], lowest_nibbles[8];
  uint16_t half_exponents[8];
  uint32_t half_bits[4];
  float half_raise[4];
  int16_t minus_8[8], minus_16[8], minus_128[8], none[8];
};
extern const struct kept_lanes kept;

struct kept {
  v128_t ones, low_nibbles, fifth_bits, high_pairs, low_bytes, lowest_nibbles, half_exponents, half_bits, half_raise;
};

INLINE struct kept keep(void) {
  return (struct kept){
      wasm_v128_load(kept.ones),           wasm_v128_load(kept.low_nibbles),    wasm_v128_load(kept.fifth_bits),
      wasm_v128_load(kept.high_pairs),     wasm_v128_load(kept.low_bytes),      wasm_v128_load(kept.lowest_nibbles),
      wasm_v128_load(kept.half_exponents), wasm_v128_load(kept.half_bits),      wasm_v128_load(kept.half_raise),
  };
}

// Eight halves, as a rule normal ones: their bits, moved to a float's, are 2^-112 times their value. A subnormal among them
// sends all to from_halves(), for it would be a subnormal float here, fifty times slower than others on some processors.
INLINE void scales_8(v128_t h, const struct kept *c, v128_t out[2]) {
  v128_t subnormal = wasm_i16x8_eq(wasm_v128_and(h, c->half_exponents), zero());
  if (__builtin_expect(wasm_v128_any_true(subnormal), 0)) {
    out[0] = halves_low(h), out[1] = halves_high(h);
    return;
  }
  v128_t low = wasm_v128_and(wasm_i32x4_shl(wasm_i32x4_extend_low_i16x8(h), 13), c->half_bits);
  v128_t high = wasm_v128_and(wasm_i32x4_shl(wasm_i32x4_extend_high_i16x8(h), 13), c->half_bits);
  out[0] = wasm_f32x4_mul(low, c->half_raise), out[1] = wasm_f32x4_mul(high, c->half_raise);
}

// The same for several vectors of halves, times d: one comparison for all, and 2^112 goes into d. That leaves room for d below 2^16, numbers
// up to eight million, which is also what llama.cpp's half-precision d has room for; a test of d here cost a twentieth of decoding.
INLINE void scales_times(const v128_t *h, const int count, v128_t d, const struct kept *c, v128_t (*out)[2]) {
  v128_t least = wasm_v128_and(h[0], c->half_exponents);
  UNROLL for (int i = 1; i < count; i++) least = wasm_u16x8_min(least, wasm_v128_and(h[i], c->half_exponents));
  if (__builtin_expect(!wasm_i16x8_all_true(least), 0)) {
    UNROLL for (int i = 0; i < count; i++) {
      out[i][0] = wasm_f32x4_mul(halves_low(h[i]), d), out[i][1] = wasm_f32x4_mul(halves_high(h[i]), d);
    }
    return;
  }
  d = wasm_f32x4_mul(d, c->half_raise);
  UNROLL for (int i = 0; i < count; i++) {
    v128_t low = wasm_v128_and(wasm_i32x4_shl(wasm_i32x4_extend_low_i16x8(h[i]), 13), c->half_bits);
    v128_t high = wasm_v128_and(wasm_i32x4_shl(wasm_i32x4_extend_high_i16x8(h[i]), 13), c->half_bits);
    out[i][0] = wasm_f32x4_mul(low, d), out[i][1] = wasm_f32x4_mul(high, d);
  }
}
