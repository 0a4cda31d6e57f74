// The matrices of a product, and what becomes of its results: shared by one token's products and many tokens'.
#pragma once
#include "formats.h"
#include "rows.h"
#include "runtime.h"

// One matrix of a product: several that share their input are one step.
struct segment {
  const uint8_t *w;
  const struct format *format;  // null: as in the file, decoded row by row
  int type;
  size_t row_bytes, strip_bytes;
  int rows;
  const float *bias, *residual;
  float *out;
};

INLINE struct segment make_segment(int width, int64_t w, int64_t type, int64_t row_bytes, int64_t rows, int64_t bias, int64_t residual, int64_t out) {
  struct segment s = {AT(const uint8_t, w), 0, (int)type, (size_t)row_bytes, 0, (int)rows, AT(const float, bias), AT(const float, residual), AT(float, out)};
  if (row_bytes) {
    s.strip_bytes = s.row_bytes * STRIP;
  } else {
    s.format = format_of((int)type);
    s.strip_bytes = (size_t)(width / s.format->block_elements) * (size_t)s.format->block_bytes * STRIP;
  }
  return s;
}

INLINE struct segment segment_of(const struct matmul_record *r, int index) {
  int width = (int)r->width;
  if (index == 0) return make_segment(width, (int64_t)r->w0, r->type0, r->row_bytes0, r->rows0, (int64_t)r->bias0, (int64_t)r->residual0, (int64_t)r->out0);
  if (index == 1) return make_segment(width, (int64_t)r->w1, r->type1, r->row_bytes1, r->rows1, (int64_t)r->bias1, (int64_t)r->residual1, (int64_t)r->out1);
  return make_segment(width, (int64_t)r->w2, r->type2, r->row_bytes2, r->rows2, (int64_t)r->bias2, (int64_t)r->residual2, (int64_t)r->out2);
}

INLINE int strips_of(int64_t rows) { return ceil_div((int)rows, STRIP); }
// Pairs of strips for one token's products: way w of pair p is strip p + w · pairs, if there is one.
INLINE int pairs_of(int64_t rows) { return ceil_div((int)rows, STRIP * WAYS); }

// Bias, residual, and out they go.
INLINE void finish(const struct segment *s, int strip, int token, const float *v) {
  int first = strip * STRIP, n = min_int(STRIP, s->rows - first);
  size_t at = (size_t)token * s->rows + first;
  if (n == STRIP) {
    v128_t low = wasm_v128_load(v), high = wasm_v128_load(v + 4);
    if (s->bias) low = wasm_f32x4_add(low, wasm_v128_load(s->bias + first)), high = wasm_f32x4_add(high, wasm_v128_load(s->bias + first + 4));
    if (s->residual) low = wasm_f32x4_add(low, wasm_v128_load(s->residual + at)), high = wasm_f32x4_add(high, wasm_v128_load(s->residual + at + 4));
    wasm_v128_store(s->out + at, low), wasm_v128_store(s->out + at + 4, high);
    return;
  }
  for (int i = 0; i < n; i++) {
    float x = v[i];
    if (s->bias) x += s->bias[first + i];
    if (s->residual) x += s->residual[at + i];
    s->out[at + i] = x;
  }
}

// gate := silu(gate) · up, both with their biases.
INLINE void gate_up(const struct segment *gate, const struct segment *up, int strip, float *g, const float *u) {
  float local[STRIP], other[STRIP];
  int first = strip * STRIP;
  if (!gate->bias && !up->bias) {
    for (int i = 0; i < STRIP; i += 4)
      wasm_v128_store(g + i, wasm_f32x4_mul(silu_f(wasm_v128_load(g + i)), wasm_v128_load(u + i)));
    return;
  }
  for (int i = 0; i < STRIP; i++) {
    int row = min_int(first + i, gate->rows - 1);
    local[i] = g[i] + (gate->bias ? gate->bias[row] : 0);
    other[i] = u[i] + (up->bias ? up->bias[row] : 0);
  }
  for (int i = 0; i < STRIP; i += 4)
    wasm_v128_store(g + i, wasm_f32x4_mul(silu_f(wasm_v128_load(local + i)), wasm_v128_load(other + i)));
}

INLINE const float *normed_row(const struct quantize_record *q, int row, struct thread *thread) {
  const float *x = AT(const float, q->x) + (size_t)row * q->width;
  if (!q->norm) return x;
  rms_norm_row(x, AT(const float, q->norm), thread->row, (int)q->width, (float)q->eps);
  return thread->row;
}
