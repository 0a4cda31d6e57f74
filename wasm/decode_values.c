/* Four-bit codes looked up in 16 values: IQ4_NL, IQ4_XS, MXFP4, NVFP4. */
#include "decode.h"
#include "decode_lanes.h"

void decode_iq4_nl(const uint8_t *blocks, float *out, int n) {
  const v128_t values = wasm_v128_load(codebooks.iq4_values);
  for (; n > 0; n -= 32, blocks += 18, out += 32) {
    const float d = read_f16(blocks);
    const v128_t qs = wasm_v128_load(blocks + 2);
    put_scaled(out, wasm_i8x16_swizzle(values, low_nibbles(qs)), d);
    put_scaled(out + 16, wasm_i8x16_swizzle(values, high_nibbles(qs)), d);
  }
}

void decode_iq4_xs(const uint8_t *blocks, float *out, int n) {
  const v128_t values = wasm_v128_load(codebooks.iq4_values);
  for (; n > 0; n -= 256, blocks += 136) {
    const float d = read_f16(blocks);
    const uint32_t high = read_u16(blocks + 2);
    const uint32_t low = read_u32(blocks + 4);
    for (int group = 0; group < 8; group++, out += 32) {
      const int s = (int)((low >> 4 * group & 15) | (high >> 2 * group & 3) << 4);
      const float scale = d * (float)(s - 32);
      const v128_t qs = wasm_v128_load(blocks + 8 + 16 * group);
      put_scaled(out, wasm_i8x16_swizzle(values, low_nibbles(qs)), scale);
      put_scaled(out + 16, wasm_i8x16_swizzle(values, high_nibbles(qs)), scale);
    }
  }
}

/* 2^(x - 128), half of an E8M0 scale; subnormal for 0 and 1. */
static float e8m0_half(uint32_t x) { return float_of_bits(x < 2 ? 0x00200000u << x : (x - 1) << 23); }

void decode_mxfp4(const uint8_t *blocks, float *out, int n) {
  const v128_t values = wasm_v128_load(codebooks.e2m1_doubled);
  for (; n > 0; n -= 32, blocks += 17, out += 32) {
    const float scale = e8m0_half(blocks[0]);
    const v128_t qs = wasm_v128_load(blocks + 1);
    put_scaled(out, wasm_i8x16_swizzle(values, low_nibbles(qs)), scale);
    put_scaled(out + 16, wasm_i8x16_swizzle(values, high_nibbles(qs)), scale);
  }
}

/* Half of an unsigned E4M3 scale; 0x7f counts as 0 and the top bit is ignored. */
static float ue4m3_half(uint32_t x) {
  if (x == 0x7f) return 0;
  if ((x & 0x78) == 0) return (float)(x & 7) * 0x1p-10f;
  /* The exponent is raised by the difference of the biases, 127 - 7, less one for the half. */
  return float_of_bits(((x & 0x7f) << 20) + (119 << 23));
}

void decode_nvfp4(const uint8_t *blocks, float *out, int n) {
  const v128_t values = wasm_v128_load(codebooks.e2m1_doubled);
  for (; n > 0; n -= 64, blocks += 36) {
    for (int group = 0; group < 4; group++, out += 16) {
      const v128_t qs = wasm_v128_load64_zero(blocks + 4 + 8 * group);
      const v128_t codes = wasm_i64x2_shuffle(low_nibbles(qs), high_nibbles(qs), 0, 2);
      put_scaled(out, wasm_i8x16_swizzle(values, codes), ue4m3_half(blocks[group]));
    }
  }
}
