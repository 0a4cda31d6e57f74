#include "rows.h"
#include "formats.h"
#include "runtime.h"

// out = x / sqrt(mean(x²) + eps) · weight. Source: Zhang & Sennrich 2019, as in llama.cpp. The sum runs in four lanes.
void rms_norm_row(const float *x, const float *weight, float *out, int width, float eps) {
  v128_t squares = zero();
  int i = 0;
  for (; i + 4 <= width; i += 4) {
    v128_t v = wasm_v128_load(x + i);
    squares = madd(v, v, squares);
  }
  float sum = sum_f(squares);
  for (; i < width; i++) sum += x[i] * x[i];
  float scale = 1.0f / __builtin_sqrtf(sum / (float)width + eps);
  v128_t s = splat_f(scale);
  for (i = 0; i + 4 <= width; i += 4)
    wasm_v128_store(out + i, wasm_f32x4_mul(wasm_f32x4_mul(wasm_v128_load(x + i), s), wasm_v128_load(weight + i)));
  for (; i < width; i++) out[i] = x[i] * scale * weight[i];
}

static void embed(const struct embed_record *r, int row) {
  int token = AT(const int32_t, control.tokens)[row];
  format_row((int)r->type, AT(const uint8_t, r->w), (size_t)r->row_bytes, (int)r->width, token, AT(float, r->out) + (size_t)row * r->width);
}

static void rms_norm(const struct rms_norm_record *r, int row) {
  int width = (int)(r->width / r->groups);
  size_t at = (size_t)row * r->width;
  for (int g = 0; g < r->groups; g++, at += width)
    rms_norm_row(AT(const float, r->x) + at, AT(const float, r->weight), AT(float, r->out) + at, width, (float)r->eps);
}

// The table holds {cos, sin} of each pair's angle for each token of the run; JavaScript fills it before the run.
static void rope(const struct rope_record *r, int row) {
  int pairs = (int)r->rotary_dims / 2, size = (int)r->head_size;
  const float *table = AT(const float, r->table) + (size_t)row * r->rotary_dims;
  size_t at = (size_t)row * r->heads * size;
  const float *x = AT(const float, r->x) + at;
  float *out = AT(float, r->out) + at;
  int second = r->halves ? pairs : 1, step = r->halves ? 1 : 2;
  for (int h = 0; h < r->heads; h++, x += size, out += size) {
    for (int i = 0; i < pairs; i++) {
      float a = x[i * step], b = x[i * step + second], c = table[2 * i], s = table[2 * i + 1];
      out[i * step] = a * c - b * s;
      out[i * step + second] = a * s + b * c;
    }
    if (out != x)
      for (int i = pairs * 2; i < size; i++) out[i] = x[i];
  }
}

// Cache layout, see attention.c: keys [head][block of 32 positions][number][32], values [head][position][number].
static void kv_append(const struct kv_append_record *r, int row) {
  int position = (int)control.position + row, size = (int)r->head_size, vsize = (int)r->value_size;
  for (int h = 0; h < r->kv_heads; h++) {
    const float *k = AT(const float, r->k) + ((size_t)row * r->kv_heads + h) * size;
    const float *v = AT(const float, r->v) + ((size_t)row * r->kv_heads + h) * vsize;
    size_t key_at = ((size_t)h * r->context + (position & ~31)) * size + (position & 31);
    size_t value_at = ((size_t)h * r->context + position) * vsize;
    if (r->half) {
      uint16_t *kc = AT(uint16_t, r->k_cache) + key_at, *vc = AT(uint16_t, r->v_cache) + value_at;
      for (int i = 0; i < size; i++) kc[i * 32] = half_from_float(k[i]);
      for (int i = 0; i < vsize; i++) vc[i] = half_from_float(v[i]);
    } else {
      float *kc = AT(float, r->k_cache) + key_at, *vc = AT(float, r->v_cache) + value_at;
      for (int i = 0; i < size; i++) kc[i * 32] = k[i];
      for (int i = 0; i < vsize; i++) vc[i] = v[i];
    }
  }
}

static void glu(const struct glu_record *r, int row) {
  size_t at = (size_t)row * r->width;
  const float *gate = AT(const float, r->gate) + at, *up = AT(const float, r->up) + at;
  float *out = AT(float, r->out) + at;
  int i = 0;
  for (; i + 4 <= r->width; i += 4)
    wasm_v128_store(out + i, wasm_f32x4_mul(silu_f(wasm_v128_load(gate + i)), wasm_v128_load(up + i)));
  for (; i < r->width; i++) out[i] = wasm_f32x4_extract_lane(silu_f(splat_f(gate[i])), 0) * up[i];
}

static void add(const struct add_record *r, int row) {
  size_t at = (size_t)row * r->width;
  const float *a = AT(const float, r->a) + at, *b = AT(const float, r->b) + at;
  float *out = AT(float, r->out) + at;
  for (int i = 0; i < r->width; i++) out[i] = a[i] + b[i];
}

static void select_outputs(const struct select_outputs_record *r, int row) {
  const float *x = AT(const float, r->x) + (size_t)AT(const int32_t, control.outputs)[row] * r->width;
  float *out = AT(float, r->out) + (size_t)row * r->width;
  for (int i = 0; i < r->width; i++) out[i] = x[i];
}

// The `used` largest logits, by repeated search (a handful among at most some hundreds); the first of equals wins.
static void route(const struct route_record *r, int row) {
  int experts = (int)r->experts, used = (int)r->used;
  const float *logits = AT(const float, r->logits) + (size_t)row * experts;
  float *ids = AT(float, r->out) + (size_t)row * used * 2, *weights = ids + used;
  for (int k = 0; k < used; k++) {
    int best = -1;
    for (int e = 0; e < experts; e++) {
      int taken = 0;
      for (int j = 0; j < k; j++) taken |= (int)ids[j] == e;
      if (!taken && (best < 0 || logits[e] > logits[best])) best = e;
    }
    ids[k] = (float)best;
    weights[k] = logits[best];
  }
  float top = weights[0], sum = 0;
  for (int k = 0; k < used; k++) {
    weights[k] = wasm_f32x4_extract_lane(exp_f(splat_f(weights[k] - top)), 0);
    sum += weights[k];
  }
  for (int k = 0; k < used; k++) weights[k] /= sum;
}

static void expert_sum(const struct expert_sum_record *r, int row) {
  int used = (int)r->used, width = (int)r->width;
  const float *y = AT(const float, r->y) + (size_t)row * used * width;
  const float *weights = AT(const float, r->routes) + (size_t)row * used * 2 + used;
  float *out = AT(float, r->out) + (size_t)row * width;
  for (int i = 0; i < width; i++) {
    float sum = 0;
    for (int k = 0; k < used; k++) sum += weights[k] * y[(size_t)k * width + i];
    out[i] = sum;
  }
}

void row_op(const int64_t *op, int row) {
  switch (op[0]) {
    case ROW_EMBED: return embed((const struct embed_record *)op, row);
    case ROW_RMS_NORM: return rms_norm((const struct rms_norm_record *)op, row);
    case ROW_ROPE: return rope((const struct rope_record *)op, row);
    case ROW_KV_APPEND: return kv_append((const struct kv_append_record *)op, row);
    case ROW_GLU: return glu((const struct glu_record *)op, row);
    case ROW_ADD: return add((const struct add_record *)op, row);
    case ROW_SELECT_OUTPUTS: return select_outputs((const struct select_outputs_record *)op, row);
    case ROW_ROUTE: return route((const struct route_record *)op, row);
    case ROW_EXPERT_SUM: return expert_sum((const struct expert_sum_record *)op, row);
  }
}
