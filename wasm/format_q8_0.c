// Q8_0: 32 int8 weights and a half-precision scale. w = d · n. Eight bits leave no room for the unsigned trick of dot.h:
// weights and activations are multiplied as 16-bit numbers, two to a lane.
#include "dot.h"
#include "formats.h"

static void q8_0_product(const uint8_t *const strips[WAYS], int width, struct act a, float *out) {
  const struct kept c = keep();
  v128_t f[WAYS][2] = {};
  size_t at = 0;
  for (int b = 0; b < width / 32; b++, at += 34 * STRIP) {
    const int16_t *x = a.q16 + b * 32;
    v128_t i[WAYS][2] = {}, scale[2], d = wasm_v128_load32_splat(a.d + b);
    UNROLL for (int k = 0; k < 16; k++) {
      v128_t xs = wasm_v128_load32_splat(x + 2 * k);
      UNROLL for (int n = 0; n < WAYS; n++)
        UNROLL for (int g = 0; g < 2; g++)
          i[n][g] = wasm_i32x4_add(i[n][g], wasm_i32x4_dot_i16x8(wasm_i16x8_load8x8(strips[n] + at + 16 + 16 * k + 8 * g), xs));
    }
    UNROLL for (int n = 0; n < WAYS; n++) {
      scales_8(wasm_v128_load(strips[n] + at), &c, scale);
      UNROLL for (int g = 0; g < 2; g++) f[n][g] = madd(wasm_f32x4_convert_i32x4(i[n][g]), wasm_f32x4_mul(scale[g], d), f[n][g]);
    }
  }
  store_ways(f, out);
}

// Tile: int16 weights [width / 2][8 rows][2], then scales [width / 32][8].
static void q8_0_unpack(const uint8_t *strip, int width, uint8_t *tile) {
  const struct kept c = keep();
  v128_t *w = (v128_t *)tile, *scales = w + width;
  for (int b = 0; b < width / 32; b++, strip += 34 * STRIP, scales += 2) {
    for (int k = 0; k < 32; k++) *w++ = wasm_i16x8_load8x8(strip + 16 + 8 * k);
    scales_8(wasm_v128_load(strip), &c, scales);
  }
}

static void q8_0_products(const uint8_t *tile, int width, struct act a, float *out) {
  const v128_t *w = (const v128_t *)tile, *scales = w + width;
  v128_t f[8] = {};
  for (int b = 0; b < width / 32; b++, w += 32, scales += 2) {
    const int16_t *x = a.q16 + b * 128;
    v128_t i[8] = {};
    ROLLED for (int k = 0; k < 16; k++)
      UNROLL for (int t = 0; t < 4; t++) {
        v128_t xs = wasm_v128_load32_splat(x + 8 * k + 2 * t);
        i[t] = wasm_i32x4_add(i[t], wasm_i32x4_dot_i16x8(w[2 * k], xs));
        i[4 + t] = wasm_i32x4_add(i[4 + t], wasm_i32x4_dot_i16x8(w[2 * k + 1], xs));
      }
    UNROLL for (int t = 0; t < 4; t++) {
      v128_t d = splat_f(a.d[b * 4 + t]);
      f[t] = madd(wasm_f32x4_convert_i32x4(i[t]), wasm_f32x4_mul(scales[0], d), f[t]);
      f[4 + t] = madd(wasm_f32x4_convert_i32x4(i[4 + t]), wasm_f32x4_mul(scales[1], d), f[4 + t]);
    }
  }
  UNROLL for (int t = 0; t < 4; t++) {
    wasm_v128_store(out + 8 * t, f[t]);
    wasm_v128_store(out + 8 * t + 4, f[4 + t]);
  }
}
