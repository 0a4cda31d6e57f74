/* Super-blocks of 256 with a scale for every 16 or 32 weights: Q2_K, Q3_K, Q4_K, Q5_K, Q6_K. */
#include "decode.h"
#include "decode_lanes.h"

void decode_q2_k(const uint8_t *blocks, float *out, int n) {
  for (; n > 0; n -= 256, blocks += 84) {
    const float d = read_f16(blocks + 80);
    const float dmin = read_f16(blocks + 82);
    const uint8_t *scales = blocks;
    for (int half = 0; half < 2; half++) {
      const v128_t even = wasm_v128_load(blocks + 16 + 32 * half);
      const v128_t odd = wasm_v128_load(blocks + 32 + 32 * half);
      for (int shift = 0; shift < 8; shift += 2, scales += 2, out += 32) {
        put_affine(out, bit_pairs(even, shift), d * (float)(scales[0] & 15), -(dmin * (float)(scales[0] >> 4)));
        put_affine(out + 16, bit_pairs(odd, shift), d * (float)(scales[1] & 15), -(dmin * (float)(scales[1] >> 4)));
      }
    }
  }
}

/* q - 4 of 16 weights: their low two bits, and their third bits as bit `bit` of each byte of `mask`. */
static v128_t q3_lanes(v128_t low, v128_t mask, int bit) {
  const v128_t third = wasm_i8x16_splat((int8_t)(1 << bit));
  const v128_t clear = wasm_i8x16_ne(wasm_v128_and(mask, third), third);
  return wasm_i8x16_sub(low, wasm_v128_and(clear, wasm_i8x16_splat(4)));
}

void decode_q3_k(const uint8_t *blocks, float *out, int n) {
  for (; n > 0; n -= 256, blocks += 110) {
    const float d = read_f16(blocks + 108);
    const v128_t mask_even = wasm_v128_load(blocks);
    const v128_t mask_odd = wasm_v128_load(blocks + 16);
    for (int half = 0; half < 2; half++) {
      const v128_t even = wasm_v128_load(blocks + 32 + 32 * half);
      const v128_t odd = wasm_v128_load(blocks + 48 + 32 * half);
      for (int k = 0; k < 4; k++, out += 32) {
        /* The scales of groups 8 half + 2 k and the next. */
        const uint8_t *low = blocks + 96 + 2 * k;
        const uint8_t *high = blocks + 104 + (2 * k & 3);
        const int high_shift = 4 * half + (k & 2);
        const int s0 = (low[0] >> 4 * half & 15) | (high[0] >> high_shift & 3) << 4;
        const int s1 = (low[1] >> 4 * half & 15) | (high[1] >> high_shift & 3) << 4;
        const int bit = 4 * half + k;
        put_scaled(out, q3_lanes(bit_pairs(even, 2 * k), mask_even, bit), d * (float)(s0 - 32));
        put_scaled(out + 16, q3_lanes(bit_pairs(odd, 2 * k), mask_odd, bit), d * (float)(s1 - 32));
      }
    }
  }
}

/* Scale and minimum of a group from the 12 bytes of Q4_K and Q5_K; the layout stands in src/quant/k-scales.ts. */
static float k_scale(const uint8_t *p, int group) {
  return (float)(group < 4 ? p[group] & 63 : (p[group + 4] & 15) | p[group - 4] >> 6 << 4);
}

static float k_min(const uint8_t *p, int group) {
  return (float)(group < 4 ? p[group + 4] & 63 : p[group + 4] >> 4 | p[group] >> 6 << 4);
}

void decode_q4_k(const uint8_t *blocks, float *out, int n) {
  for (; n > 0; n -= 256, blocks += 144) {
    const float d = read_f16(blocks);
    const float dmin = read_f16(blocks + 2);
    for (int group = 0; group < 8; group += 2, out += 64) {
      const v128_t a = wasm_v128_load(blocks + 16 + 16 * group);
      const v128_t b = wasm_v128_load(blocks + 32 + 16 * group);
      const float s0 = d * k_scale(blocks + 4, group), m0 = -(dmin * k_min(blocks + 4, group));
      const float s1 = d * k_scale(blocks + 4, group + 1), m1 = -(dmin * k_min(blocks + 4, group + 1));
      put_affine(out + 0, low_nibbles(a), s0, m0);
      put_affine(out + 16, low_nibbles(b), s0, m0);
      put_affine(out + 32, high_nibbles(a), s1, m1);
      put_affine(out + 48, high_nibbles(b), s1, m1);
    }
  }
}

/* The low four bits of 16 weights, and their fifth bits as bit `bit` of each byte of `mask`. */
static v128_t q5_lanes(v128_t low, v128_t mask, int bit) {
  const v128_t fifth = wasm_i8x16_splat((int8_t)(1 << bit));
  const v128_t set = wasm_i8x16_eq(wasm_v128_and(mask, fifth), fifth);
  return wasm_v128_or(low, wasm_v128_and(set, wasm_i8x16_splat(16)));
}

void decode_q5_k(const uint8_t *blocks, float *out, int n) {
  for (; n > 0; n -= 256, blocks += 176) {
    const float d = read_f16(blocks);
    const float dmin = read_f16(blocks + 2);
    const v128_t mask_a = wasm_v128_load(blocks + 16);
    const v128_t mask_b = wasm_v128_load(blocks + 32);
    for (int group = 0; group < 8; group += 2, out += 64) {
      const v128_t a = wasm_v128_load(blocks + 48 + 16 * group);
      const v128_t b = wasm_v128_load(blocks + 64 + 16 * group);
      const float s0 = d * k_scale(blocks + 4, group), m0 = -(dmin * k_min(blocks + 4, group));
      const float s1 = d * k_scale(blocks + 4, group + 1), m1 = -(dmin * k_min(blocks + 4, group + 1));
      put_affine(out + 0, q5_lanes(low_nibbles(a), mask_a, group), s0, m0);
      put_affine(out + 16, q5_lanes(low_nibbles(b), mask_b, group), s0, m0);
      put_affine(out + 32, q5_lanes(high_nibbles(a), mask_a, group + 1), s1, m1);
      put_affine(out + 48, q5_lanes(high_nibbles(b), mask_b, group + 1), s1, m1);
    }
  }
}

/* q - 32 of 16 weights: their low four bits, and their high two as bits `shift` and `shift` + 1 of the bytes of `high`. */
static v128_t q6_lanes(v128_t low, v128_t high, int shift) {
  const v128_t q = wasm_v128_or(low, wasm_i16x8_shl(bit_pairs(high, shift), 4));
  return wasm_i8x16_sub(q, wasm_i8x16_splat(32));
}

void decode_q6_k(const uint8_t *blocks, float *out, int n) {
  for (; n > 0; n -= 256, blocks += 210) {
    const float d = read_f16(blocks + 208);
    for (int half = 0; half < 2; half++, out += 128) {
      const int8_t *scales = (const int8_t *)blocks + 192 + 8 * half;
      for (int k = 0; k < 2; k++) {
        const v128_t a = wasm_v128_load(blocks + 64 * half + 16 * k);
        const v128_t b = wasm_v128_load(blocks + 64 * half + 32 + 16 * k);
        const v128_t high = wasm_v128_load(blocks + 128 + 32 * half + 16 * k);
        float *to = out + 16 * k;
        put_scaled(to + 0, q6_lanes(low_nibbles(a), high, 0), d * (float)scales[k]);
        put_scaled(to + 32, q6_lanes(low_nibbles(b), high, 2), d * (float)scales[k + 2]);
        put_scaled(to + 64, q6_lanes(high_nibbles(a), high, 4), d * (float)scales[k + 4]);
        put_scaled(to + 96, q6_lanes(high_nibbles(b), high, 6), d * (float)scales[k + 6]);
      }
    }
  }
}
