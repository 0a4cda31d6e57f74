/* Fields of blocks, and 16 small integers at a time to floats. Internal to wasm/decode*.c. */
#ifndef DECODE_LANES_H
#define DECODE_LANES_H

#include <stdint.h>
#include <wasm_simd128.h>

static inline uint32_t read_u16(const uint8_t *p) {
  uint16_t v;
  __builtin_memcpy(&v, p, 2);
  return v;
}

static inline uint32_t read_u32(const uint8_t *p) {
  uint32_t v;
  __builtin_memcpy(&v, p, 4);
  return v;
}

static inline float float_of_bits(uint32_t bits) {
  float v;
  __builtin_memcpy(&v, &bits, 4);
  return v;
}

/*
 * IEEE binary16, given by its bits. A normal one has its exponent raised by the difference of the biases, 127 - 15.
 * Nothing is computed on subnormal float32, which a processor may be a hundred times slower on.
 */
static inline float f16_to_f32(uint32_t half) {
  const uint32_t magnitude = half & 0x7fff;
  const uint32_t sign = (half & 0x8000) << 16;
  if (__builtin_expect(magnitude - 0x400 < 0x7800, 1)) return float_of_bits(sign | ((magnitude << 13) + (112 << 23)));
  if (magnitude >= 0x7c00) return float_of_bits(sign | magnitude << 13 | 0x7f800000);
  return (float)(int)magnitude * (sign ? -0x1p-24f : 0x1p-24f);
}

static inline float read_f16(const uint8_t *p) { return f16_to_f32(read_u16(p)); }

/* The low four bits of each byte. */
static inline v128_t low_nibbles(v128_t bytes) { return wasm_v128_and(bytes, wasm_i8x16_splat(15)); }

/* The high four bits of each byte. Shifts lanes of 16 bits, because x86 has no shift of 8-bit lanes. */
static inline v128_t high_nibbles(v128_t bytes) { return low_nibbles(wasm_u16x8_shr(bytes, 4)); }

/* Bits `shift` and `shift` + 1 of each byte. */
static inline v128_t bit_pairs(v128_t bytes, int shift) {
  return wasm_v128_and(wasm_u16x8_shr(bytes, shift), wasm_i8x16_splat(3));
}

/* Lane i is all ones when bit i of `bits` is set, else zero. */
static inline v128_t lanes_of_bits(uint32_t bits) {
  const v128_t both = wasm_i16x8_splat((int16_t)bits);
  const v128_t spread = wasm_i8x16_shuffle(both, both, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
  const v128_t bit = wasm_i8x16_const(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128);
  return wasm_i8x16_eq(wasm_v128_and(spread, bit), bit);
}

/* Lane i negated when bit i of `signs` is set. */
static inline v128_t with_signs(v128_t lanes, uint32_t signs) {
  const v128_t negative = lanes_of_bits(signs);
  return wasm_i8x16_sub(wasm_v128_xor(lanes, negative), negative);
}

/* out[k] = lane k · scale, for the 16 signed bytes of `lanes`. */
static inline void put_scaled(float *out, v128_t lanes, float scale) {
  const v128_t s = wasm_f32x4_splat(scale);
  const v128_t low = wasm_i16x8_extend_low_i8x16(lanes);
  const v128_t high = wasm_i16x8_extend_high_i8x16(lanes);
  wasm_v128_store(out + 0, wasm_f32x4_mul(wasm_f32x4_convert_i32x4(wasm_i32x4_extend_low_i16x8(low)), s));
  wasm_v128_store(out + 4, wasm_f32x4_mul(wasm_f32x4_convert_i32x4(wasm_i32x4_extend_high_i16x8(low)), s));
  wasm_v128_store(out + 8, wasm_f32x4_mul(wasm_f32x4_convert_i32x4(wasm_i32x4_extend_low_i16x8(high)), s));
  wasm_v128_store(out + 12, wasm_f32x4_mul(wasm_f32x4_convert_i32x4(wasm_i32x4_extend_high_i16x8(high)), s));
}

/* Four signed lanes of 32 bits: lane · scale + offset. */
static inline v128_t affine(v128_t lanes, v128_t scale, v128_t offset) {
  return wasm_f32x4_add(wasm_f32x4_mul(wasm_f32x4_convert_i32x4(lanes), scale), offset);
}

/* out[k] = lane k · scale + offset, for the 16 signed bytes of `lanes`. */
static inline void put_affine(float *out, v128_t lanes, float scale, float offset) {
  const v128_t s = wasm_f32x4_splat(scale);
  const v128_t o = wasm_f32x4_splat(offset);
  const v128_t low = wasm_i16x8_extend_low_i8x16(lanes);
  const v128_t high = wasm_i16x8_extend_high_i8x16(lanes);
  wasm_v128_store(out + 0, affine(wasm_i32x4_extend_low_i16x8(low), s, o));
  wasm_v128_store(out + 4, affine(wasm_i32x4_extend_high_i16x8(low), s, o));
  wasm_v128_store(out + 8, affine(wasm_i32x4_extend_low_i16x8(high), s, o));
  wasm_v128_store(out + 12, affine(wasm_i32x4_extend_high_i16x8(high), s, o));
}

#endif
