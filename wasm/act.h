// Activations made ready for a matrix product: rounded to 8 bits (or kept as floats) in the forms that the weight
// formats multiply with. Rows lie interleaved in groups of `lanes` tokens (1 in decode, 4 in prefill), so that a kernel
// reads one token's four numbers, or four tokens' in a row, with one load.
#pragma once
#include "base.h"

enum {
  FORM_Q8 = 1,    // int8, a scale and sums for each 32
  FORM_Q8_K = 2,  // int8, a scale for each 256, sums of each 32 and Q6_K's offsets
  FORM_Q16 = 4,   // the int8 of FORM_Q8, widened to int16
  FORM_F32 = 8,
};

struct act {
  int8_t *q;         // [width / 4][lanes][4]
  float *d;          // [width / 32][lanes]
  int16_t *pairs;    // [width / 32][lanes][2]: the sum of those at 0 and 1 (mod 4), and of those at 2 and 3
  int8_t *qk;        // [width / 4][lanes][4]
  float *dk;         // [width / 256][lanes]
  int16_t *offset6;  // [width / 16][lanes][2]: -32 · such sums of 16
  int16_t *sum32;    // [width / 64][lanes][2]: sums of 32
  int16_t *q16;      // [width / 2][lanes][2]
  float *f;          // [width][lanes]
};

// Bytes that one group of `lanes` tokens takes; backends/wasm/layout.ts computes the same.
INLINE size_t act_group_bytes(int width, int lanes) {
  size_t padded = (size_t)(width + 255) / 256 * 256;
  return padded * (size_t)lanes * 9;
}

INLINE struct act act_view(uint8_t *base, int width, int lanes) {
  size_t n = (size_t)(width + 255) / 256 * 256 * (size_t)lanes;
  struct act a;
  a.f = (float *)base;
  a.q16 = (int16_t *)(base + n * 4);
  a.q = (int8_t *)(base + n * 6);
  a.qk = (int8_t *)(base + n * 7);
  uint8_t *rest = base + n * 8;
  a.d = (float *)rest;
  a.pairs = (int16_t *)(rest + n / 8);
  a.dk = (float *)(rest + n / 4);
  a.offset6 = (int16_t *)(rest + n / 4 + n / 64);
  a.sum32 = (int16_t *)(rest + n / 2 + n / 64);
  return a;
}

// Prepares row x (`width` floats) as lane `lane` of a group of `lanes`.
void act_prepare(struct act a, const float *x, int width, int forms, int lanes, int lane);
