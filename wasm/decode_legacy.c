/* One scale, or a scale and an offset, for a whole block: Q1_0, Q2_0, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0. */
#include "decode.h"
#include "decode_lanes.h"

void decode_q1_0(const uint8_t *blocks, float *out, int n) {
  for (; n > 0; n -= 128, blocks += 18, out += 128) {
    const float d = read_f16(blocks);
    const v128_t minus = wasm_i8x16_splat(-1);
    for (int k = 0; k < 8; k++) {
      /* -1 where the bit is clear, else 1. */
      const v128_t set = lanes_of_bits(read_u16(blocks + 2 + 2 * k));
      put_scaled(out + 16 * k, wasm_i8x16_sub(minus, wasm_i8x16_add(set, set)), d);
    }
  }
}

void decode_q2_0(const uint8_t *blocks, float *out, int n) {
  for (; n > 0; n -= 64, blocks += 18, out += 64) {
    const float d = read_f16(blocks);
    const v128_t qs = wasm_v128_load(blocks + 2);
    const v128_t one = wasm_i8x16_splat(1);
    /* Lane j of the first is q[4 j], of the second q[4 j + 1], and so on. */
    const v128_t q0 = wasm_i8x16_sub(bit_pairs(qs, 0), one);
    const v128_t q1 = wasm_i8x16_sub(bit_pairs(qs, 2), one);
    const v128_t q2 = wasm_i8x16_sub(bit_pairs(qs, 4), one);
    const v128_t q3 = wasm_i8x16_sub(bit_pairs(qs, 6), one);
    const v128_t a = wasm_i8x16_shuffle(q0, q1, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const v128_t b = wasm_i8x16_shuffle(q2, q3, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const v128_t c = wasm_i8x16_shuffle(q0, q1, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    const v128_t e = wasm_i8x16_shuffle(q2, q3, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    put_scaled(out + 0, wasm_i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11), d);
    put_scaled(out + 16, wasm_i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15), d);
    put_scaled(out + 32, wasm_i16x8_shuffle(c, e, 0, 8, 1, 9, 2, 10, 3, 11), d);
    put_scaled(out + 48, wasm_i16x8_shuffle(c, e, 4, 12, 5, 13, 6, 14, 7, 15), d);
  }
}

void decode_q4_0(const uint8_t *blocks, float *out, int n) {
  const v128_t eight = wasm_i8x16_splat(8);
  for (; n > 0; n -= 32, blocks += 18, out += 32) {
    const float d = read_f16(blocks);
    const v128_t qs = wasm_v128_load(blocks + 2);
    put_scaled(out, wasm_i8x16_sub(low_nibbles(qs), eight), d);
    put_scaled(out + 16, wasm_i8x16_sub(high_nibbles(qs), eight), d);
  }
}

void decode_q4_1(const uint8_t *blocks, float *out, int n) {
  for (; n > 0; n -= 32, blocks += 20, out += 32) {
    const float d = read_f16(blocks);
    const float m = read_f16(blocks + 2);
    const v128_t qs = wasm_v128_load(blocks + 4);
    put_affine(out, low_nibbles(qs), d, m);
    put_affine(out + 16, high_nibbles(qs), d, m);
  }
}

/* The low four bits of 16 weights joined by their fifth bits. */
static v128_t with_fifth(v128_t low, uint32_t fifth) {
  return wasm_v128_or(low, wasm_v128_and(lanes_of_bits(fifth), wasm_i8x16_splat(16)));
}

void decode_q5_0(const uint8_t *blocks, float *out, int n) {
  const v128_t sixteen = wasm_i8x16_splat(16);
  for (; n > 0; n -= 32, blocks += 22, out += 32) {
    const float d = read_f16(blocks);
    const v128_t qs = wasm_v128_load(blocks + 6);
    put_scaled(out, wasm_i8x16_sub(with_fifth(low_nibbles(qs), read_u16(blocks + 2)), sixteen), d);
    put_scaled(out + 16, wasm_i8x16_sub(with_fifth(high_nibbles(qs), read_u16(blocks + 4)), sixteen), d);
  }
}

void decode_q5_1(const uint8_t *blocks, float *out, int n) {
  for (; n > 0; n -= 32, blocks += 24, out += 32) {
    const float d = read_f16(blocks);
    const float m = read_f16(blocks + 2);
    const v128_t qs = wasm_v128_load(blocks + 8);
    put_affine(out, with_fifth(low_nibbles(qs), read_u16(blocks + 4)), d, m);
    put_affine(out + 16, with_fifth(high_nibbles(qs), read_u16(blocks + 6)), d, m);
  }
}

void decode_q8_0(const uint8_t *blocks, float *out, int n) {
  for (; n > 0; n -= 32, blocks += 34, out += 32) {
    const float d = read_f16(blocks);
    put_scaled(out, wasm_v128_load(blocks + 2), d);
    put_scaled(out + 16, wasm_v128_load(blocks + 18), d);
  }
}
