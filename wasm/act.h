// Activations made ready for a matrix product: rounded to 8 bits (or kept as floats) in the forms that the weight
// formats multiply with. Rows lie interleaved in groups of `lanes` tokens (1 in decode, 4 in prefill), so that a kernel
// reads one token's four numbers, or four tokens' in a row, with one load.
#pragma once
#include "base.h"

enum {
  FORM_Q8 = 1,    // int8, a scale and sums for each 32
  FORM_Q8_K = 2,  // int8, a scale for each 256, sums of each 32 and Q6_K's offsets
  FORM_Q16 = 4,   // the same as int16: what Q8_0 without a full dot multiplies with
  FORM_F32 = 8,
};

// Four neighbouring numbers of a row, as the dot products of dot.h want them.
struct x4 {
#ifdef __wasm_relaxed_simd__
  int8_t all[4];
#else
  int16_t even[2], odd[2];
#endif
};

struct act {
  float *d;          // [width / 32][lanes]
  int16_t *pairs;    // [width / 32][lanes][2]: the sum of those at 0 and 1 (mod 4), and of those at 2 and 3
  struct x4 *q;      // [width / 4][lanes]
  int16_t *q16;      // [width / 4][lanes][4]
  float *dk;         // [width / 256][lanes]
  int16_t *offset6;  // [width / 16][lanes][2]: -32 · such sums of 16
  int16_t *sum32;    // [width / 64][lanes][2]: sums of 32
  struct x4 *qk;     // [width / 4][lanes]
  float *f;          // [width][lanes]
};

// Finds the forms of a group of `lanes` tokens from `base` on, one behind the other, and sets `*bytes` to what all of them take:
// at most 11 for each number, which is what backends/wasm/layout.ts reserves.
INLINE struct act act_layout(uint8_t *base, int width, int lanes, int forms, size_t *bytes) {
  size_t n = (size_t)(width + 255) / 256 * 256 * (size_t)lanes;
  struct act a = {};
  uint8_t *at = base;
#define TAKE(wanted, field, size)    if (forms & (wanted)) a.field = (void *)at, at += (size)
  TAKE(FORM_Q8 | FORM_Q16, d, n / 8);
  TAKE(FORM_Q8 | FORM_Q16, pairs, n / 8);
  TAKE(FORM_Q8, q, n / 4 * sizeof(struct x4));
  TAKE(FORM_Q16, q16, n * 2);
  TAKE(FORM_Q8_K, dk, n / 64);
  TAKE(FORM_Q8_K, offset6, n / 4);
  TAKE(FORM_Q8_K, sum32, n / 16);
  TAKE(FORM_Q8_K, qk, n / 4 * sizeof(struct x4));
  TAKE(FORM_F32, f, n * 4);
#undef TAKE
  *bytes = (size_t)(at - base);
  return a;
}
INLINE struct act act_view(uint8_t *base, int width, int lanes, int forms) {
  size_t bytes;
  return act_layout(base, width, lanes, forms, &bytes);
}
INLINE size_t act_group_bytes(int width, int lanes, int forms) {
  size_t bytes;
  act_layout(0, width, lanes, forms, &bytes);
  return bytes;
}

// Prepares row x (`width` floats) as lane `lane` of a group of `lanes`.
void act_prepare(struct act a, const float *x, int width, int forms, int lanes, int lane);
