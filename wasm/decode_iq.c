/* Vectors looked up in a grid: IQ1_S, IQ1_M, IQ2_XXS, IQ2_XS, IQ2_S, IQ3_XXS, IQ3_S. */
#include "decode.h"
#include "decode_lanes.h"

/* Two vectors of eight components. */
static v128_t two_of_8(const uint8_t *grid, uint32_t first, uint32_t second) {
  return wasm_v128_load64_lane(grid + 8 * second, wasm_v128_load64_zero(grid + 8 * first), 1);
}

/* Four vectors of four components. */
static v128_t four_of_4(const uint8_t *grid, uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  v128_t lanes = wasm_v128_load32_zero(grid + 4 * a);
  lanes = wasm_v128_load32_lane(grid + 4 * b, lanes, 1);
  lanes = wasm_v128_load32_lane(grid + 4 * c, lanes, 2);
  return wasm_v128_load32_lane(grid + 4 * d, lanes, 3);
}

/* The signs of 16 weights from two seven-bit codes, the first in the low bits of `codes`. */
static uint32_t signs_of_codes(uint32_t codes) {
  return codebooks.even_signs[codes & 127] | (uint32_t)codebooks.even_signs[codes >> 7 & 127] << 8;
}

void decode_iq2_xxs(const uint8_t *blocks, float *out, int n) {
  const uint8_t *grid = codebooks.iq2_xxs_grid;
  for (; n > 0; n -= 256, blocks += 66) {
    const float d = read_f16(blocks) * 0.125f;
    const uint8_t *from = blocks + 2;
    for (int group = 0; group < 8; group++, from += 8, out += 32) {
      const uint32_t codes = read_u32(from + 4);
      const float scale = d * (float)(int)(2 * (codes >> 28) + 1);
      put_scaled(out, with_signs(two_of_8(grid, from[0], from[1]), signs_of_codes(codes)), scale);
      put_scaled(out + 16, with_signs(two_of_8(grid, from[2], from[3]), signs_of_codes(codes >> 14)), scale);
    }
  }
}

/* The 16 weights of two words of IQ2_XS, the first in the low half of `codes`. */
static v128_t iq2_xs_lanes(const uint8_t *grid, uint32_t codes) {
  const uint32_t signs = codebooks.even_signs[codes >> 9 & 127] | (uint32_t)codebooks.even_signs[codes >> 25] << 8;
  return with_signs(two_of_8(grid, codes & 511, codes >> 16 & 511), signs);
}

void decode_iq2_xs(const uint8_t *blocks, float *out, int n) {
  const uint8_t *grid = codebooks.iq2_xs_grid;
  for (; n > 0; n -= 256, blocks += 74) {
    const float d = read_f16(blocks) * 0.125f;
    for (int group = 0; group < 8; group++, out += 32) {
      const uint8_t *codes = blocks + 2 + 8 * group;
      const int scales = blocks[66 + group];
      put_scaled(out, iq2_xs_lanes(grid, read_u32(codes)), d * (float)(2 * (scales & 15) + 1));
      put_scaled(out + 16, iq2_xs_lanes(grid, read_u32(codes + 4)), d * (float)(2 * (scales >> 4) + 1));
    }
  }
}

void decode_iq2_s(const uint8_t *blocks, float *out, int n) {
  const uint8_t *grid = codebooks.iq2_s_grid;
  for (; n > 0; n -= 256, blocks += 82) {
    const float d = read_f16(blocks) * 0.125f;
    for (int group = 0; group < 8; group++, out += 32) {
      const uint8_t *low = blocks + 2 + 4 * group;
      const uint32_t high = blocks[66 + group];
      const uint32_t signs = read_u32(blocks + 34 + 4 * group);
      const int scales = blocks[74 + group];
      const v128_t a = two_of_8(grid, low[0] | (high & 3) << 8, low[1] | (high & 12) << 6);
      const v128_t b = two_of_8(grid, low[2] | (high & 48) << 4, low[3] | (high & 192) << 2);
      put_scaled(out, with_signs(a, signs), d * (float)(2 * (scales & 15) + 1));
      put_scaled(out + 16, with_signs(b, signs >> 16), d * (float)(2 * (scales >> 4) + 1));
    }
  }
}

void decode_iq3_xxs(const uint8_t *blocks, float *out, int n) {
  const uint8_t *grid = codebooks.iq3_xxs_grid;
  for (; n > 0; n -= 256, blocks += 98) {
    const float d = read_f16(blocks) * 0.25f;
    const uint8_t *q = blocks + 2;
    for (int group = 0; group < 8; group++, q += 8, out += 32) {
      const uint32_t codes = read_u32(blocks + 66 + 4 * group);
      const float scale = d * (float)(int)(2 * (codes >> 28) + 1);
      put_scaled(out, with_signs(four_of_4(grid, q[0], q[1], q[2], q[3]), signs_of_codes(codes)), scale);
      put_scaled(out + 16, with_signs(four_of_4(grid, q[4], q[5], q[6], q[7]), signs_of_codes(codes >> 14)), scale);
    }
  }
}

void decode_iq3_s(const uint8_t *blocks, float *out, int n) {
  const uint8_t *grid = codebooks.iq3_s_grid;
  const v128_t bit = wasm_i16x8_const(1, 2, 4, 8, 16, 32, 64, 128);
  for (; n > 0; n -= 256, blocks += 110) {
    const float d = read_f16(blocks);
    for (int group = 0; group < 8; group++, out += 32) {
      /* Eight grid indices, the ninth bits in place. */
      const v128_t ninth = wasm_i16x8_eq(wasm_v128_and(wasm_i16x8_splat(blocks[66 + group]), bit), bit);
      const v128_t low = wasm_u16x8_load8x8(blocks + 2 + 8 * group);
      const v128_t index = wasm_v128_or(low, wasm_v128_and(ninth, wasm_i16x8_splat(256)));
      const v128_t a = four_of_4(grid, wasm_u16x8_extract_lane(index, 0), wasm_u16x8_extract_lane(index, 1),
                                 wasm_u16x8_extract_lane(index, 2), wasm_u16x8_extract_lane(index, 3));
      const v128_t b = four_of_4(grid, wasm_u16x8_extract_lane(index, 4), wasm_u16x8_extract_lane(index, 5),
                                 wasm_u16x8_extract_lane(index, 6), wasm_u16x8_extract_lane(index, 7));
      const uint32_t signs = read_u32(blocks + 74 + 4 * group);
      const int s = blocks[106 + (group >> 1)] >> 4 * (group & 1) & 15;
      const float scale = d * (float)(1 + 2 * s);
      put_scaled(out, with_signs(a, signs), scale);
      put_scaled(out + 16, with_signs(b, signs >> 16), scale);
    }
  }
}

/* Eight times (component + shift), for components -1, 0 and 1; the shift is -1/8 where `negative` is all ones, else 1/8. */
static v128_t with_shifts(v128_t lanes, v128_t negative) {
  const v128_t doubled = wasm_i8x16_add(lanes, lanes);
  const v128_t fourfold = wasm_i8x16_add(doubled, doubled);
  return wasm_i8x16_add(wasm_i8x16_add(fourfold, fourfold), wasm_v128_or(negative, wasm_i8x16_splat(1)));
}

/* The 16 weights, eightfold, of two vectors of IQ1_M: low index bits from `q`, the others and the shifts from `high`. */
static v128_t iq1_m_lanes(const uint8_t *grid, const uint8_t *q, uint32_t high) {
  const v128_t bit = wasm_i8x16_const(8, 8, 8, 8, 8, 8, 8, 8, -128, -128, -128, -128, -128, -128, -128, -128);
  const v128_t negative = wasm_i8x16_eq(wasm_v128_and(wasm_i8x16_splat((int8_t)high), bit), bit);
  return with_shifts(two_of_8(grid, q[0] | (high & 7) << 8, q[1] | (high & 0x70) << 4), negative);
}

void decode_iq1_s(const uint8_t *blocks, float *out, int n) {
  const uint8_t *grid = codebooks.iq1_s_grid;
  for (; n > 0; n -= 256, blocks += 50) {
    const float d = read_f16(blocks) * 0.125f;
    const uint8_t *q = blocks + 2;
    for (int group = 0; group < 8; group++, q += 4, out += 32) {
      const uint32_t bits = read_u16(blocks + 34 + 2 * group);
      const v128_t negative = wasm_i8x16_splat(bits & 0x8000 ? -1 : 0);
      const float scale = d * (float)(int)(2 * (bits >> 12 & 7) + 1);
      const v128_t a = two_of_8(grid, q[0] | (bits & 7) << 8, q[1] | (bits >> 3 & 7) << 8);
      const v128_t b = two_of_8(grid, q[2] | (bits >> 6 & 7) << 8, q[3] | (bits >> 9 & 7) << 8);
      put_scaled(out, with_shifts(a, negative), scale);
      put_scaled(out + 16, with_shifts(b, negative), scale);
    }
  }
}

void decode_iq1_m(const uint8_t *blocks, float *out, int n) {
  const uint8_t *grid = codebooks.iq1_s_grid;
  for (; n > 0; n -= 256, blocks += 56) {
    const uint8_t *scales = blocks + 48;
    uint32_t half = 0;
    for (int k = 0; k < 4; k++) half |= read_u16(scales + 2 * k) >> 12 << 4 * k;
    const float d = f16_to_f32(half) * 0.125f;
    for (int group = 0; group < 8; group++, out += 32) {
      const uint8_t *q = blocks + 4 * group;
      const uint8_t *high = blocks + 32 + 2 * group;
      const int s = (int)(read_u16(scales + 2 * (group >> 1)) >> 6 * (group & 1));
      put_scaled(out, iq1_m_lanes(grid, q, high[0]), d * (float)(2 * (s & 7) + 1));
      put_scaled(out + 16, iq1_m_lanes(grid, q + 2, high[1]), d * (float)(2 * (s >> 3 & 7) + 1));
    }
  }
}
