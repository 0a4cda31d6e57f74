// Kernels for the K formats (Q4_K, Q5_K, Q6_K): blocks of 256 with integer scales of their parts, so that a block is
// summed in integers and converted once: weight = d · scale · number - minimum.
#pragma once
#include "dot.h"
#include "formats.h"

// The small numbers of one block of eight rows, made ready.
struct k_meta {
  v128_t scale[16][2];    // per part and group of rows: the scale twice in each lane
  v128_t minimum[8][2];   // per pair of parts: the two minima (Q6_K: the two scales) in each lane
  v128_t d[2], dmin[2];
};

// Unsigned weights of four rows: group g, numbers 4k…4k+3 of the block's part `s` of 32. Parts come in rounds of `period`
// that read alike, so that one round is unrolled and the rest is a loop: s = round · period + inner.
typedef v128_t weights_k(const uint8_t *block, int round, int inner, int k, int g);
typedef void meta_k(const uint8_t *block, struct k_meta *meta);

// Two parts' bytes of eight rows: {first part, second part}.
INLINE void spread_scales(v128_t two, v128_t first[2], v128_t second[2], const int is_signed) {
  v128_t a = wasm_i8x16_shuffle(two, two, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7);
  v128_t b = wasm_i8x16_shuffle(two, two, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13, 14, 14, 15, 15);
  first[0] = is_signed ? wasm_i16x8_extend_low_i8x16(a) : wasm_u16x8_extend_low_u8x16(a);
  first[1] = is_signed ? wasm_i16x8_extend_high_i8x16(a) : wasm_u16x8_extend_high_u8x16(a);
  second[0] = is_signed ? wasm_i16x8_extend_low_i8x16(b) : wasm_u16x8_extend_low_u8x16(b);
  second[1] = is_signed ? wasm_i16x8_extend_high_i8x16(b) : wasm_u16x8_extend_high_u8x16(b);
}
INLINE void pair_up(v128_t two, v128_t pair[2], const int is_signed) {
  v128_t v = wasm_i8x16_shuffle(two, two, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
  pair[0] = is_signed ? wasm_i16x8_extend_low_i8x16(v) : wasm_u16x8_extend_low_u8x16(v);
  pair[1] = is_signed ? wasm_i16x8_extend_high_i8x16(v) : wasm_u16x8_extend_high_u8x16(v);
}

// Q4_K and Q5_K: eight scales and eight minima of six bits in twelve bytes, after d and dmin.
INLINE void meta_6_bit(const uint8_t *block, struct k_meta *m) {
  v128_t h = wasm_v128_load(block), g = wasm_v128_load(block + 16), v[6];
  m->d[0] = halves_low(h), m->d[1] = halves_high(h);
  m->dmin[0] = halves_low(g), m->dmin[1] = halves_high(g);
  UNROLL for (int i = 0; i < 6; i++) v[i] = wasm_v128_load(block + 32 + 16 * i);
  v128_t six = wasm_i8x16_const_splat(63);
  v128_t scales[4] = {
      wasm_v128_and(v[0], six),
      wasm_v128_and(v[1], six),
      wasm_v128_or(nibbles_low(v[4]), shifted(v[0], -2, 0x30)),
      wasm_v128_or(nibbles_low(v[5]), shifted(v[1], -2, 0x30)),
  };
  v128_t minima[4] = {
      wasm_v128_and(v[2], six),
      wasm_v128_and(v[3], six),
      wasm_v128_or(nibbles_high(v[4]), shifted(v[2], -2, 0x30)),
      wasm_v128_or(nibbles_high(v[5]), shifted(v[3], -2, 0x30)),
  };
  UNROLL for (int i = 0; i < 4; i++) {
    spread_scales(scales[i], m->scale[2 * i], m->scale[2 * i + 1], 0);
    pair_up(minima[i], m->minimum[i], 0);
  }
}

// `part` is how many weights share a scale (32 or 16), `depth` how many narrow steps fit into 16 bits.
INLINE void product_k(const uint8_t *strip, int width, struct act a, float *out, const int block_bytes, weights_k weights, meta_k meta, const int period, const int part, const int depth, const int narrow) {
  const int flush = narrow ? min_int(depth, part / 4) : part / 4;
  v128_t f0 = zero(), f1 = zero();
  for (int b = 0; b < width / 256; b++, strip += block_bytes * STRIP) {
    struct k_meta m;
    meta(strip, &m);
    const int8_t *x = a.qk + b * 256;
    v128_t i0 = zero(), i1 = zero(), m0 = zero(), m1 = zero();
    for (int round = 0; round < 8 / period; round++) {
      UNROLL for (int inner = 0; inner < period; inner++) {
        int s = round * period + inner;
        v128_t s0 = zero(), s1 = zero();
        UNROLL for (int k = 0; k < 8; k++) {
          v128_t xs = wasm_v128_load32_splat(x + 32 * s + 4 * k);
          s0 = dot(s0, xs, weights(strip, round, inner, k, 0), narrow);
          s1 = dot(s1, xs, weights(strip, round, inner, k, 1), narrow);
          if ((k + 1) % flush == 0) {
            const v128_t *scale = m.scale[(32 * s + 4 * k) / part];
            i0 = widen_scaled(i0, s0, scale[0], narrow), i1 = widen_scaled(i1, s1, scale[1], narrow);
            s0 = s1 = zero();
          }
        }
      }
    }
    const int16_t *sums = part == 16 ? a.sum16 + b * 16 : a.sum32 + b * 8;
    UNROLL for (int p = 0; p < 128 / part; p++) {
      v128_t xs = wasm_v128_load32_splat(sums + 2 * p);
      m0 = wasm_i32x4_add(m0, wasm_i32x4_dot_i16x8(m.minimum[p][0], xs));
      m1 = wasm_i32x4_add(m1, wasm_i32x4_dot_i16x8(m.minimum[p][1], xs));
    }
    v128_t d = splat_f(a.dk[b]);
    if (part == 16) {  // Q6_K: numbers are 32 too large
      i0 = wasm_i32x4_sub(i0, wasm_i32x4_shl(m0, 5)), i1 = wasm_i32x4_sub(i1, wasm_i32x4_shl(m1, 5));
    } else {
      v128_t minus = splat_f(-a.dk[b]);
      f0 = madd(wasm_f32x4_convert_i32x4(m0), wasm_f32x4_mul(m.dmin[0], minus), f0);
      f1 = madd(wasm_f32x4_convert_i32x4(m1), wasm_f32x4_mul(m.dmin[1], minus), f1);
    }
    f0 = madd(wasm_f32x4_convert_i32x4(i0), wasm_f32x4_mul(m.d[0], d), f0);
    f1 = madd(wasm_f32x4_convert_i32x4(i1), wasm_f32x4_mul(m.d[1], d), f1);
  }
  wasm_v128_store(out, f0);
  wasm_v128_store(out + 4, f1);
}

// Tile: for each block its k_meta, then weights [64][2 groups].
INLINE void unpack_k(const uint8_t *strip, int width, uint8_t *tile, const int block_bytes, weights_k weights, meta_k meta, const int period) {
  for (int b = 0; b < width / 256; b++, strip += block_bytes * STRIP) {
    meta(strip, (struct k_meta *)tile);
    v128_t *w = (v128_t *)(tile + sizeof(struct k_meta));
    for (int round = 0; round < 8 / period; round++)
      UNROLL for (int inner = 0; inner < period; inner++)
        for (int k = 0; k < 8; k++) {
          *w++ = weights(strip, round, inner, k, 0);
          *w++ = weights(strip, round, inner, k, 1);
        }
    tile = (uint8_t *)w;
  }
}

INLINE void products_k(const uint8_t *tile, int width, struct act a, float *out, const int part, const int depth, const int narrow) {
  const int flush = narrow ? min_int(depth, part / 4) : part / 4;
  v128_t f[8] = {};
  for (int b = 0; b < width / 256; b++) {
    const struct k_meta *m = (const struct k_meta *)tile;
    const v128_t *w = (const v128_t *)(tile + sizeof(struct k_meta));
    tile = (const uint8_t *)(w + 128);
    const int8_t *x = a.qk + b * 1024;
    v128_t i[8] = {}, low[8] = {};
    for (int s = 0; s < 64; s += flush) {
      v128_t p[8] = {};
      ROLLED for (int k = 0; k < flush; k++, w += 2, x += 16)
        UNROLL for (int t = 0; t < 4; t++) {
          v128_t xs = wasm_v128_load32_splat(x + 4 * t);
          p[t] = dot(p[t], xs, w[0], narrow);
          p[4 + t] = dot(p[4 + t], xs, w[1], narrow);
        }
      const v128_t *scale = m->scale[4 * s / part];
      UNROLL for (int n = 0; n < 8; n++) i[n] = widen_scaled(i[n], p[n], scale[n / 4], narrow);
    }
    const int16_t *sums = part == 16 ? a.sum16 + b * 64 : a.sum32 + b * 32;
    for (int p = 0; p < 128 / part; p++)
      UNROLL for (int t = 0; t < 4; t++) {
        v128_t xs = wasm_v128_load32_splat(sums + 8 * p + 2 * t);
        low[t] = wasm_i32x4_add(low[t], wasm_i32x4_dot_i16x8(m->minimum[p][0], xs));
        low[4 + t] = wasm_i32x4_add(low[4 + t], wasm_i32x4_dot_i16x8(m->minimum[p][1], xs));
      }
    UNROLL for (int n = 0; n < 8; n++) {
      v128_t d = splat_f(a.dk[b * 4 + n % 4]);
      if (part == 16) i[n] = wasm_i32x4_sub(i[n], wasm_i32x4_shl(low[n], 5));
      else f[n] = wasm_f32x4_sub(f[n], wasm_f32x4_mul(wasm_f32x4_convert_i32x4(low[n]), wasm_f32x4_mul(m->dmin[n / 4], d)));
      f[n] = madd(wasm_f32x4_convert_i32x4(i[n]), wasm_f32x4_mul(m->d[n / 4], d), f[n]);
    }
  }
  UNROLL for (int t = 0; t < 4; t++) {
    wasm_v128_store(out + 8 * t, f[t]);
    wasm_v128_store(out + 8 * t + 4, f[4 + t]);
  }
}

#define FORMAT_K(name, suffix, bytes, meta, period, part, depth, narrow)                                                 \
  static void name##_##suffix##_product(const uint8_t *strip, int width, struct act a, float *out) {             \
    product_k(strip, width, a, out, bytes, name##_weights, meta, period, part, depth, narrow);                           \
  }                                                                                                              \
  static void name##_##suffix##_unpack(const uint8_t *strip, int width, uint8_t *tile) {                         \
    unpack_k(strip, width, tile, bytes, name##_weights, meta, period);                                                   \
  }                                                                                                              \
  static void name##_##suffix##_products(const uint8_t *tile, int width, struct act a, float *out) {             \
    products_k(tile, width, a, out, part, depth, narrow);                                                        \
  }
#ifdef __wasm_relaxed_simd__
#define FORMAT_K_BOTH(name, bytes, meta, period, part, depth) \
  FORMAT_K(name, wide, bytes, meta, period, part, depth, 0)   \
  FORMAT_K(name, narrow, bytes, meta, period, part, depth, 1)
#else
#define FORMAT_K_BOTH(name, bytes, meta, period, part, depth) FORMAT_K(name, wide, bytes, meta, period, part, depth, 0)
#endif
