/* F32, F16, BF16. */
#include "decode.h"
#include "decode_lanes.h"

void decode_f32(const uint8_t *blocks, float *out, int n) {
  int i = 0;
  for (; i + 4 <= n; i += 4) wasm_v128_store(out + i, wasm_v128_load(blocks + 4 * i));
  for (; i < n; i++) out[i] = float_of_bits(read_u32(blocks + 4 * i));
}

/* Four binary16 in the low halves of 32-bit lanes; f16_to_f32 says how. */
static v128_t f32_of_f16(v128_t halves) {
  const v128_t magnitude = wasm_i32x4_shl(wasm_v128_and(halves, wasm_i32x4_splat(0x7fff)), 13);
  const v128_t sign = wasm_i32x4_shl(wasm_v128_and(halves, wasm_i32x4_splat(0x8000)), 16);
  const v128_t finite = wasm_f32x4_mul(magnitude, wasm_f32x4_splat(0x1p112f));
  const v128_t special = wasm_i32x4_gt(magnitude, wasm_i32x4_splat((0x7c00 << 13) - 1));
  const v128_t saturated = wasm_v128_or(magnitude, wasm_i32x4_splat(0x7f800000));
  return wasm_v128_or(wasm_v128_bitselect(saturated, finite, special), sign);
}

void decode_f16(const uint8_t *blocks, float *out, int n) {
  int i = 0;
  for (; i + 8 <= n; i += 8) {
    const v128_t halves = wasm_v128_load(blocks + 2 * i);
    wasm_v128_store(out + i, f32_of_f16(wasm_u32x4_extend_low_u16x8(halves)));
    wasm_v128_store(out + i + 4, f32_of_f16(wasm_u32x4_extend_high_u16x8(halves)));
  }
  for (; i < n; i++) out[i] = read_f16(blocks + 2 * i);
}

void decode_bf16(const uint8_t *blocks, float *out, int n) {
  const v128_t zero = wasm_i32x4_splat(0);
  int i = 0;
  for (; i + 8 <= n; i += 8) {
    const v128_t halves = wasm_v128_load(blocks + 2 * i);
    wasm_v128_store(out + i, wasm_i16x8_shuffle(zero, halves, 0, 8, 0, 9, 0, 10, 0, 11));
    wasm_v128_store(out + i + 4, wasm_i16x8_shuffle(zero, halves, 0, 12, 0, 13, 0, 14, 0, 15));
  }
  for (; i < n; i++) out[i] = float_of_bits(read_u16(blocks + 2 * i) << 16);
}
