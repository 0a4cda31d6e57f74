// Kernels for the K formats (Q4_K, Q5_K, Q6_K): blocks of 256 with integer scales of their parts, so that a block is
// summed in integers and converted once: weight = d · scale · number - minimum.
#pragma once
#include "dot.h"
#include "formats.h"

// The small numbers of one block of eight rows, made ready.
struct k_meta {
  v128_t scale[16][2];    // per part and group of rows: the scale twice in each lane
  v128_t minimum[4][2];   // per pair of parts of 32: the two minima in each lane
  v128_t d[2], dmin[2];
};

// Unsigned weights of four rows (group g: rows 4g…4g+3), numbers 4k…4k+3 of the two parts of 32 whose nibbles share bytes.
// From one k to the next all lies 32 bytes further. A block has four such pairs, `pair` = 0…3; parts of a pair are `apart` from each other (1: 0 and 1, 2 and 3, …; 2: 0 and
// 2, 1 and 3, 4 and 6, …).
typedef void pair_k(const uint8_t *block, int pair, int k, int g, const struct kept *c, v128_t *low, v128_t *high);
INLINE int first_part(int pair, int apart) { return pair / apart * 2 * apart + pair % apart; }

typedef void meta_k(const uint8_t *block, struct k_meta *meta, const struct kept *c);

// Eight 16-bit numbers a and b: {a0, b0, a1, b1, …}.
INLINE void zip(v128_t a, v128_t b, v128_t out[2]) {
  out[0] = wasm_i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
  out[1] = wasm_i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

// Q4_K and Q5_K: eight scales and eight minima of six bits in twelve bytes, after d and dmin.
INLINE void meta_6_bit(const uint8_t *block, struct k_meta *m, const struct kept *c) {
  v128_t v[6];
  scales_8(wasm_v128_load(block), c, m->d);
  scales_8(wasm_v128_load(block + 16), c, m->dmin);
  UNROLL for (int i = 0; i < 6; i++) v[i] = wasm_v128_load(block + 32 + 16 * i);
  v128_t six = wasm_i8x16_const_splat(63);
  v128_t scales[4] = {
      wasm_v128_and(v[0], six),
      wasm_v128_and(v[1], six),
      wasm_v128_or(nibbles_low(v[4], c), wasm_v128_and(shifted(v[0], -2), c->high_pairs)),
      wasm_v128_or(nibbles_low(v[5], c), wasm_v128_and(shifted(v[1], -2), c->high_pairs)),
  };
  v128_t minima[4] = {
      wasm_v128_and(v[2], six),
      wasm_v128_and(v[3], six),
      wasm_v128_or(nibbles_high(v[4], c), wasm_v128_and(shifted(v[2], -2), c->high_pairs)),
      wasm_v128_or(nibbles_high(v[5], c), wasm_v128_and(shifted(v[3], -2), c->high_pairs)),
  };
  UNROLL for (int i = 0; i < 4; i++) {
    v128_t first = wasm_u16x8_extend_low_u8x16(scales[i]), second = wasm_u16x8_extend_high_u8x16(scales[i]);
    zip(first, first, m->scale[2 * i]);
    zip(second, second, m->scale[2 * i + 1]);
    zip(wasm_u16x8_extend_low_u8x16(minima[i]), wasm_u16x8_extend_high_u8x16(minima[i]), m->minimum[i]);
  }
}

// `part` is how many weights share a scale: 32 (Q4_K and Q5_K, with minima) or 16 (Q6_K, with an offset). `depth` is how
// many narrow steps fit into 16 bits. The strips take turns within a block, so that each of them is fetched ahead while the
// others are summed.
INLINE void product_k(const uint8_t *const strips[WAYS], int width, struct act a, float *out, const int block_bytes, pair_k weights, meta_k meta, const int apart, const int part, const int depth, const int narrow) {
  const int flush = narrow ? min_int(depth, part / 4) : part / 4;
  const struct kept c = keep();
  v128_t f[WAYS][2] = {};
  size_t at = 0;
  for (int b = 0; b < width / 256; b++, at += block_bytes * STRIP) {
    struct k_meta m[WAYS];
    v128_t i[WAYS][2] = {};
    ROLLED for (int way = 0; way < WAYS; way++) meta(strips[way] + at, &m[way], &c);
    UNROLL for (int pair = 0; pair < 4; pair++) {
      const int p = first_part(pair, apart);
      for (int n = 0; n < 8 / flush; n++)
        ROLLED for (int way = 0; way < WAYS; way++) {
          // What a turn of the loop reads stands at constant distances from these.
          const uint8_t *w = strips[way] + at + 32 * flush * n;
          const int8_t *x = a.qk + b * 256 + p * 32 + 4 * flush * n;
          const int16_t *from = a.offset6 + (b * 16 + p * 2 + n) * 2;
          const v128_t(*scale)[2] = m[way].scale + 32 * p / part + 4 * flush / part * n;
          v128_t s[2] = {}, t[2] = {};
          if (part == 16) {
            s[0] = s[1] = sums_from(wasm_v128_load32_splat(from), &c, narrow);
            t[0] = t[1] = sums_from(wasm_v128_load32_splat(from + 4 * apart), &c, narrow);
          }
          UNROLL for (int k = 0; k < flush; k++) {
            v128_t xs = wasm_v128_load32_splat(x + 4 * k), ys = wasm_v128_load32_splat(x + 4 * k + 32 * apart);
            UNROLL for (int g = 0; g < 2; g++) {
              v128_t low, high;
              weights(w, pair, k, g, &c, &low, &high);
              s[g] = dot(s[g], xs, low, narrow), t[g] = dot(t[g], ys, high, narrow);
            }
          }
          UNROLL for (int g = 0; g < 2; g++) {
            v128_t sum = widen_scaled(i[way][g], s[g], scale[0][g], narrow);
            i[way][g] = widen_scaled(sum, t[g], scale[32 * apart / part][g], narrow);
          }
        }
    }
    v128_t d = wasm_v128_load32_splat(a.dk + b);
    ROLLED for (int way = 0; way < WAYS; way++) {
      v128_t low[2] = {};
      UNROLL for (int n = 0; part == 32 && n < 4; n++) {
        v128_t xs = wasm_v128_load32_splat(a.sum32 + b * 8 + 2 * n);
        UNROLL for (int g = 0; g < 2; g++) low[g] = wasm_i32x4_add(low[g], wasm_i32x4_dot_i16x8(m[way].minimum[n][g], xs));
      }
      UNROLL for (int g = 0; g < 2; g++) {
        if (part == 32) f[way][g] = wasm_f32x4_sub(f[way][g], wasm_f32x4_mul(wasm_f32x4_convert_i32x4(low[g]), wasm_f32x4_mul(m[way].dmin[g], d)));
        f[way][g] = madd(wasm_f32x4_convert_i32x4(i[way][g]), wasm_f32x4_mul(m[way].d[g], d), f[way][g]);
      }
    }
  }
  store_ways(f, out);
}

// Tile: for each block its k_meta, then weights [64][2 groups].
INLINE void unpack_k(const uint8_t *strip, int width, uint8_t *tile, const int block_bytes, pair_k weights, meta_k meta, const int apart) {
  const struct kept c = keep();
  for (int b = 0; b < width / 256; b++, strip += block_bytes * STRIP) {
    meta(strip, (struct k_meta *)tile, &c);
    v128_t *w = (v128_t *)(tile + sizeof(struct k_meta));
    UNROLL for (int pair = 0; pair < 4; pair++) {
      v128_t *low = w + first_part(pair, apart) * 16, *high = low + apart * 16;
      for (int k = 0; k < 8; k++)
        UNROLL for (int g = 0; g < 2; g++) weights(strip, pair, k, g, &c, &low[2 * k + g], &high[2 * k + g]);
    }
    tile = (uint8_t *)(w + 128);
  }
}

INLINE void products_k(const uint8_t *tile, int width, struct act a, float *out, const int part, const int depth, const int narrow) {
  const int flush = narrow ? min_int(depth, part / 4) : part / 4;
  const struct kept c = keep();
  v128_t f[8] = {};
  for (int b = 0; b < width / 256; b++) {
    const struct k_meta *m = (const struct k_meta *)tile;
    const v128_t *w = (const v128_t *)(tile + sizeof(struct k_meta));
    tile = (const uint8_t *)(w + 128);
    const int8_t *x = a.qk + b * 1024;
    v128_t i[8] = {}, low[8] = {};
    for (int s = 0; s < 64; s += flush) {
      v128_t p[8] = {};
      if (part == 16)
        UNROLL for (int t = 0; t < 4; t++)
          p[t] = p[4 + t] = sums_from(wasm_v128_load32_splat(a.offset6 + ((b * 16 + s / 4) * 4 + t) * 2), &c, narrow);
      ROLLED for (int k = 0; k < flush; k++, w += 2, x += 16)
        UNROLL for (int t = 0; t < 4; t++) {
          v128_t xs = wasm_v128_load32_splat(x + 4 * t);
          p[t] = dot(p[t], xs, w[0], narrow);
          p[4 + t] = dot(p[4 + t], xs, w[1], narrow);
        }
      const v128_t *scale = m->scale[4 * s / part];
      UNROLL for (int n = 0; n < 8; n++) i[n] = widen_scaled(i[n], p[n], scale[n / 4], narrow);
    }
    for (int q = 0; part == 32 && q < 4; q++)
      UNROLL for (int t = 0; t < 4; t++) {
        v128_t xs = wasm_v128_load32_splat(a.sum32 + b * 32 + 8 * q + 2 * t);
        low[t] = wasm_i32x4_add(low[t], wasm_i32x4_dot_i16x8(m->minimum[q][0], xs));
        low[4 + t] = wasm_i32x4_add(low[4 + t], wasm_i32x4_dot_i16x8(m->minimum[q][1], xs));
      }
    UNROLL for (int n = 0; n < 8; n++) {
      v128_t d = splat_f(a.dk[b * 4 + n % 4]);
      if (part == 32) f[n] = wasm_f32x4_sub(f[n], wasm_f32x4_mul(wasm_f32x4_convert_i32x4(low[n]), wasm_f32x4_mul(m->dmin[n / 4], d)));
      f[n] = madd(wasm_f32x4_convert_i32x4(i[n]), wasm_f32x4_mul(m->d[n / 4], d), f[n]);
    }
  }
  UNROLL for (int t = 0; t < 4; t++) {
    wasm_v128_store(out + 8 * t, f[t]);
    wasm_v128_store(out + 8 * t + 4, f[4 + t]);
  }
}

#define FORMAT_K(name, suffix, bytes, meta, apart, part, depth, narrow)                                           \
  static void name##_##suffix##_product(const uint8_t *const strips[WAYS], int width, struct act a, float *out) { \
    product_k(strips, width, a, out, bytes, name##_pair, meta, apart, part, depth, narrow);                       \
  }                                                                                                               \
  static void name##_##suffix##_unpack(const uint8_t *strip, int width, uint8_t *tile) {                          \
    unpack_k(strip, width, tile, bytes, name##_pair, meta, apart);                                                \
  }                                                                                                               \
  static void name##_##suffix##_products(const uint8_t *tile, int width, struct act a, float *out) {              \
    products_k(tile, width, a, out, part, depth, narrow);                                                         \
  }
#ifdef __wasm_relaxed_simd__
#define FORMAT_K_BOTH(name, bytes, meta, apart, part, depth) \
  FORMAT_K(name, wide, bytes, meta, apart, part, depth, 0)   \
  FORMAT_K(name, narrow, bytes, meta, apart, part, depth, 1)
#else
#define FORMAT_K_BOTH(name, bytes, meta, apart, part, depth) FORMAT_K(name, wide, bytes, meta, apart, part, depth, 0)
#endif
