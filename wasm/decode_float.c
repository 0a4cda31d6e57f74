/* F32, F16, BF16. */
#include "decode.h"
#include "decode_lanes.h"

void decode_f32(const uint8_t *blocks, float *out, int n) {
  int i = 0;
  for (; i + 4 <= n; i += 4) wasm_v128_store(out + i, wasm_v128_load(blocks + 4 * i));
  for (; i < n; i++) out[i] = float_of_bits(read_u32(blocks + 4 * i));
}

/*
 * Four finite binary16, given by the bits of their magnitudes, moved to where a float32 has its exponent and mantissa, and
 * by their signs. With the exponent raised by the difference of the biases, 127 - 15, a normal one is right; raised by one
 * more it is 2 value, and a subnormal one is 2^-14 + value. Less 2^-14 the second is the smaller of the two for subnormal
 * values only. Nothing is computed on subnormal float32, which a processor may be fifty times slower on.
 */
static v128_t f32_of_f16(v128_t magnitude, v128_t sign) {
  const v128_t normal = wasm_i32x4_add(magnitude, wasm_i32x4_splat(112 << 23));
  const v128_t raised = wasm_i32x4_add(magnitude, wasm_i32x4_splat(113 << 23));
  const v128_t subnormal = wasm_f32x4_sub(raised, wasm_f32x4_splat(0x1p-14f));
  return wasm_v128_or(wasm_i32x4_min(normal, subnormal), sign);
}

static void put_f16(float *out, v128_t halves, v128_t magnitude) {
  const v128_t zero = wasm_i32x4_splat(0);
  const v128_t sign = wasm_v128_xor(halves, magnitude);
  wasm_v128_store(out, f32_of_f16(wasm_i32x4_shl(wasm_u32x4_extend_low_u16x8(magnitude), 13),
                                  wasm_i16x8_shuffle(zero, sign, 0, 8, 1, 9, 2, 10, 3, 11)));
  wasm_v128_store(out + 4, f32_of_f16(wasm_i32x4_shl(wasm_u32x4_extend_high_u16x8(magnitude), 13),
                                      wasm_i16x8_shuffle(zero, sign, 4, 12, 5, 13, 6, 14, 7, 15)));
}

void decode_f16(const uint8_t *blocks, float *out, int n) {
  const v128_t without_sign = wasm_i16x8_splat(0x7fff);
  int i = 0;
  while (i + 16 <= n) {
    const v128_t a = wasm_v128_load(blocks + 2 * i);
    const v128_t b = wasm_v128_load(blocks + 2 * i + 16);
    const v128_t magnitude_a = wasm_v128_and(a, without_sign);
    const v128_t magnitude_b = wasm_v128_and(b, without_sign);
    const v128_t largest = wasm_i16x8_max(magnitude_a, magnitude_b);
    if (__builtin_expect(wasm_v128_any_true(wasm_i16x8_gt(largest, wasm_i16x8_splat(0x7bff))), 0)) {
      /* Infinity or NaN is among them. */
      for (const int end = i + 16; i < end; i++) out[i] = read_f16(blocks + 2 * i);
    } else {
      put_f16(out + i, a, magnitude_a);
      put_f16(out + i + 8, b, magnitude_b);
      i += 16;
    }
  }
  for (; i < n; i++) out[i] = read_f16(blocks + 2 * i);
}

void decode_bf16(const uint8_t *blocks, float *out, int n) {
  const v128_t zero = wasm_i32x4_splat(0);
  int i = 0;
  for (; i + 8 <= n; i += 8) {
    const v128_t halves = wasm_v128_load(blocks + 2 * i);
    wasm_v128_store(out + i, wasm_i16x8_shuffle(zero, halves, 0, 8, 1, 9, 2, 10, 3, 11));
    wasm_v128_store(out + i + 4, wasm_i16x8_shuffle(zero, halves, 4, 12, 5, 13, 6, 14, 7, 15));
  }
  for (; i < n; i++) out[i] = float_of_bits(read_u16(blocks + 2 * i) << 16);
}
