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

// Unsigned weights of four rows (group g: rows 4g…4g+3), numbers 4k…4k+3 of the two parts of 32 whose nibbles share bytes. From one
// k to the next all lies 32 bytes further. A block has four such pairs, `pair` = 0…3; parts of a pair are `apart` from each
// other (1: 0 and 1, 2 and 3, …; 2: 0 and 2, 1 and 3, 4 and 6, …).
typedef void pair_k(const uint8_t *block, int pair, int k, int g, const struct kept *c, operand *low, operand *high);
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
// many narrow steps fit into 16 bits. Both strips use an activation once it is loaded, by loads of their own: machines fetch
// ahead by the address of the instruction, and one that turns from strip to strip is not followed.
INLINE void product_k(const uint8_t *const strips[WAYS], int width, struct act a, float *out, const int block_bytes, pair_k weights, meta_k meta, const int apart, const int part, const int depth, const int narrow) {
  const int flush = narrow ? min_int(depth, part / 4) : part / 4;
  const struct kept c = keep();
  v128_t f[WAYS][2] = {};
  const uint8_t *p[WAYS];
  UNROLL for (int way = 0; way < WAYS; way++) p[way] = strips[way];
  for (int b = 0; b < width / 256; b++) {
    struct k_meta m[WAYS];
    v128_t i[WAYS][2] = {};
    UNROLL for (int way = 0; way < WAYS; way++) meta(p[way], &m[way], &c);
    UNROLL for (int pair = 0; pair < 4; pair++) {
      const int q = first_part(pair, apart);
      UNROLL for (int n = 0; n < 8 / flush; n++) {
        const uint8_t *w[WAYS];
        UNROLL for (int way = 0; way < WAYS; way++) w[way] = p[way] + 32 * flush * n;
        const struct x4 *x = a.qk + b * 64 + q * 8 + flush * n, *end = x + flush;
        v128_t s[WAYS][2], t[WAYS][2], from[2] = {};
        if (part == 16) {
          const int16_t *offsets = a.offset6 + (b * 16 + q * 2 + n) * 2;
          from[0] = sums_from(wasm_v128_load32_splat(offsets), &c, narrow);
          from[1] = sums_from(wasm_v128_load32_splat(offsets + 4 * apart), &c, narrow);
        }
        UNROLL for (int way = 0; way < WAYS; way++) s[way][0] = s[way][1] = from[0], t[way][0] = t[way][1] = from[1];
        ROLLED do {
          UNROLL for (int k = 0; k < 2; k++) {
            operand xs = load_x(x + k), ys = load_x(x + k + 8 * apart);
            UNROLL for (int way = 0; way < WAYS; way++)
              UNROLL for (int g = 0; g < 2; g++) {
                operand low, high;
                weights(w[way], pair, k, g, &c, &low, &high);
                s[way][g] = dot(s[way][g], xs, low, narrow);
                t[way][g] = dot(t[way][g], ys, high, narrow);
              }
          }
          UNROLL for (int way = 0; way < WAYS; way++) w[way] += 64;
          x += 2;
        } while (x != end);
        UNROLL for (int way = 0; way < WAYS; way++) {
          const v128_t(*scale)[2] = m[way].scale + 32 * q / part + 4 * flush / part * n;
          UNROLL for (int g = 0; g < 2; g++) {
            v128_t sum = widen_scaled(i[way][g], s[way][g], scale[0][g], narrow);
            i[way][g] = widen_scaled(sum, t[way][g], scale[32 * apart / part][g], narrow);
          }
        }
      }
    }
    v128_t d = wasm_v128_load32_splat(a.dk + b);
    UNROLL for (int way = 0; way < WAYS; way++) {
      v128_t low[2] = {};
      UNROLL for (int n = 0; part == 32 && n < 4; n++) {
        v128_t xs = wasm_v128_load32_splat(a.sum32 + b * 8 + 2 * n);
        UNROLL for (int g = 0; g < 2; g++) low[g] = wasm_i32x4_add(low[g], wasm_i32x4_dot_i16x8(m[way].minimum[n][g], xs));
      }
      UNROLL for (int g = 0; g < 2; g++) {
        if (part == 32) f[way][g] = wasm_f32x4_sub(f[way][g], wasm_f32x4_mul(wasm_f32x4_convert_i32x4(low[g]), wasm_f32x4_mul(m[way].dmin[g], d)));
        f[way][g] = madd(wasm_f32x4_convert_i32x4(i[way][g]), wasm_f32x4_mul(m[way].d[g], d), f[way][g]);
      }
      p[way] += block_bytes * STRIP;
    }
  }
  store_ways(f, out);
}

// Tile: for each block its k_meta, then weights [64][2 groups].
INLINE void unpack_k(const uint8_t *strip, int width, uint8_t *tile, const int block_bytes, pair_k weights, meta_k meta, const int apart) {
  const struct kept c = keep();
  for (int b = 0; b < width / 256; b++, strip += block_bytes * STRIP) {
    meta(strip, (struct k_meta *)tile, &c);
    operand *w = (operand *)(tile + sizeof(struct k_meta));
    UNROLL for (int pair = 0; pair < 4; pair++) {
      operand *low = w + first_part(pair, apart) * 16, *high = low + apart * 16;
      for (int k = 0; k < 8; k++)
        UNROLL for (int g = 0; g < 2; g++) weights(strip, pair, k, g, &c, &low[2 * k + g], &high[2 * k + g]);
    }
    tile = (uint8_t *)(w + 128);
  }
}

// The sums of a block lie in memory while those of a part are in registers.
INLINE void products_k(const uint8_t *tile, int width, struct act a, float *out, const int part, const int depth, const int narrow) {
  const int flush = narrow ? min_int(depth, part / 4) : part / 4;
  const struct kept c = keep();
  v128_t *f = (v128_t *)out, *i = f + 8;
  UNROLL for (int n = 0; n < 8; n++) f[n] = zero();
  for (int b = 0; b < width / 256; b++) {
    const struct k_meta *m = (const struct k_meta *)tile;
    const operand *w = (const operand *)(tile + sizeof(struct k_meta));
    tile = (const uint8_t *)(w + 128);
    const struct x4 *x = a.qk + b * 256;
    UNROLL for (int n = 0; n < 8; n++) i[n] = zero();
    const int16_t *offsets = a.offset6 + b * 128;
    const v128_t(*scale)[2] = m->scale;
    for (int n = 0; n < 64 / flush; n++, offsets += 8 * flush / 4) {
      v128_t p[8] = {};
      if (part == 16) UNROLL for (int t = 0; t < 4; t++) p[t] = p[4 + t] = sums_from(wasm_v128_load32_splat(offsets + 2 * t), &c, narrow);
      const operand *stop = w + 2 * flush;
      ROLLED do {
        UNROLL for (int k = 0; k < 2; k++) {
          operand low = w[2 * k], high = w[2 * k + 1];
          UNROLL for (int t = 0; t < 4; t++) {
            operand xs = load_x(x + 4 * k + t);
            p[t] = dot(p[t], xs, low, narrow);
            p[4 + t] = dot(p[4 + t], xs, high, narrow);
          }
          PINNED(p);
        }
        w += 4, x += 8;
      } while (w != stop);
      v128_t low = scale[0][0], high = scale[0][1];
      if (!narrow) low = wasm_i32x4_shr(low, 16), high = wasm_i32x4_shr(high, 16);
      UNROLL for (int t = 0; t < 4; t++) {
        i[2 * t] = wasm_i32x4_add(i[2 * t], narrow ? wasm_i32x4_dot_i16x8(p[t], low) : wasm_i32x4_mul(p[t], low));
        i[2 * t + 1] = wasm_i32x4_add(i[2 * t + 1], narrow ? wasm_i32x4_dot_i16x8(p[4 + t], high) : wasm_i32x4_mul(p[4 + t], high));
      }
      if ((n + 1) * flush % (part / 4) == 0) scale++;
    }
    UNROLL for (int t = 0; t < 4; t++) {
      v128_t d = wasm_v128_load32_splat(a.dk + b * 4 + t);
      v128_t sums[2] = {f[2 * t], f[2 * t + 1]};
      if (part == 32) {
        v128_t low[2] = {};
        UNROLL for (int q = 0; q < 4; q++) {
          v128_t xs = wasm_v128_load32_splat(a.sum32 + b * 32 + 8 * q + 2 * t);
          UNROLL for (int g = 0; g < 2; g++) low[g] = wasm_i32x4_add(low[g], wasm_i32x4_dot_i16x8(m->minimum[q][g], xs));
        }
        UNROLL for (int g = 0; g < 2; g++) sums[g] = wasm_f32x4_sub(sums[g], wasm_f32x4_mul(wasm_f32x4_convert_i32x4(low[g]), wasm_f32x4_mul(m->dmin[g], d)));
      }
      UNROLL for (int g = 0; g < 2; g++) f[2 * t + g] = madd(wasm_f32x4_convert_i32x4(i[2 * t + g]), wasm_f32x4_mul(m->d[g], d), sums[g]);
    }
  }
}

#define FORMAT_K(name, suffix, bytes, meta, apart, part, depth, narrow)                                           \
  static void name##_product_##suffix(const uint8_t *const strips[WAYS], int width, struct act a, float *out) {   \
    product_k(strips, width, a, out, bytes, name##_pair, meta, apart, part, depth, narrow);                       \
  }                                                                                                               \
  static void name##_products_##suffix(const uint8_t *tile, int width, struct act a, float *out) {                \
    products_k(tile, width, a, out, part, depth, narrow);                                                         \
  }
#define UNPACK_K(name, bytes, meta, apart)                                    \
  static void name##_unpack(const uint8_t *strip, int width, uint8_t *tile) { \
    unpack_k(strip, width, tile, bytes, name##_pair, meta, apart);            \
  }
#ifdef __wasm_relaxed_simd__
#define FORMAT_K_BOTH(name, bytes, meta, apart, part, depth) \
  UNPACK_K(name, bytes, meta, apart)                         \
  FORMAT_K(name, wide, bytes, meta, apart, part, depth, 0)   \
  FORMAT_K(name, narrow, bytes, meta, apart, part, depth, 1)
#else
#define FORMAT_K_BOTH(name, bytes, meta, apart, part, depth) \
  UNPACK_K(name, bytes, meta, apart)                         \
  FORMAT_K(name, narrow, bytes, meta, apart, part, depth, 1)
#endif
