/* Weights -1, 0 and 1: TQ1_0, TQ2_0. */
#include "decode.h"
#include "decode_lanes.h"

/*
 * t - 1 for the next base-3 digit t of 8 fractions of 256 in 16-bit lanes, and the fractions that remain.
 * A fraction times 3 has its digit above the point.
 */
static v128_t next_digits(v128_t *fractions) {
  const v128_t tripled = wasm_i16x8_mul(*fractions, wasm_i16x8_splat(3));
  *fractions = wasm_v128_and(tripled, wasm_i16x8_splat(255));
  return wasm_i16x8_sub(wasm_u16x8_shr(tripled, 8), wasm_i16x8_splat(1));
}

/* The five digits of each of 16 bytes; digit n of byte j goes to out[stride · n + j]. */
static void put_digits(float *out, int stride, v128_t bytes, float d) {
  v128_t low = wasm_u16x8_extend_low_u8x16(bytes);
  v128_t high = wasm_u16x8_extend_high_u8x16(bytes);
  for (int n = 0; n < 5; n++, out += stride) {
    const v128_t first = next_digits(&low);
    put_scaled(out, wasm_i8x16_narrow_i16x8(first, next_digits(&high)), d);
  }
}

void decode_tq1_0(const uint8_t *blocks, float *out, int n) {
  for (; n > 0; n -= 256, blocks += 54, out += 256) {
    const float d = read_f16(blocks + 52);
    put_digits(out, 32, wasm_v128_load(blocks), d);
    put_digits(out + 16, 32, wasm_v128_load(blocks + 16), d);
    put_digits(out + 160, 16, wasm_v128_load(blocks + 32), d);
    uint32_t rest[4] = {blocks[48], blocks[49], blocks[50], blocks[51]};
    for (int i = 0; i < 16; i++) {
      rest[i & 3] *= 3;
      out[240 + i] = (float)((int)(rest[i & 3] >> 8) - 1) * d;
      rest[i & 3] &= 255;
    }
  }
}

void decode_tq2_0(const uint8_t *blocks, float *out, int n) {
  const v128_t one = wasm_i8x16_splat(1);
  for (; n > 0; n -= 256, blocks += 66) {
    const float d = read_f16(blocks + 64);
    for (int half = 0; half < 2; half++) {
      const v128_t even = wasm_v128_load(blocks + 32 * half);
      const v128_t odd = wasm_v128_load(blocks + 32 * half + 16);
      for (int shift = 0; shift < 8; shift += 2, out += 32) {
        put_scaled(out, wasm_i8x16_sub(bit_pairs(even, shift), one), d);
        put_scaled(out + 16, wasm_i8x16_sub(bit_pairs(odd, shift), one), d);
      }
    }
  }
}
