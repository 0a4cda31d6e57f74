// Matrix products: one token against strips in place, many tokens against each strip unpacked once.
#include "decode.h"
#include "formats.h"
#include "rows.h"
#include "runtime.h"
#include "steps.h"

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

static struct segment segment_of(const struct matmul_record *r, int index) {
  int width = (int)r->width;
  if (index == 0) return make_segment(width, (int64_t)r->w0, r->type0, r->row_bytes0, r->rows0, (int64_t)r->bias0, (int64_t)r->residual0, (int64_t)r->out0);
  if (index == 1) return make_segment(width, (int64_t)r->w1, r->type1, r->row_bytes1, r->rows1, (int64_t)r->bias1, (int64_t)r->residual1, (int64_t)r->out1);
  return make_segment(width, (int64_t)r->w2, r->type2, r->row_bytes2, r->rows2, (int64_t)r->bias2, (int64_t)r->residual2, (int64_t)r->out2);
}

static int strips_of(int64_t rows) { return ceil_div((int)rows, STRIP); }

static float dot_rows(const float *a, const float *b, int width) {
  v128_t s[4] = {};
  int i = 0;
  for (; i + 16 <= width; i += 16)
    UNROLL for (int j = 0; j < 4; j++) s[j] = madd(wasm_v128_load(a + i + 4 * j), wasm_v128_load(b + i + 4 * j), s[j]);
  float sum = sum_f(wasm_f32x4_add(wasm_f32x4_add(s[0], s[1]), wasm_f32x4_add(s[2], s[3])));
  for (; i < width; i++) sum += a[i] * b[i];
  return sum;
}

// Eight rows times one token.
static void strip_product(const struct segment *s, int strip, int width, struct act a, uint8_t *scratch, float *out) {
  const uint8_t *w = s->w + (size_t)strip * s->strip_bytes;
  if (s->format) return s->format->product(w, width, a, out);
  float *row = (float *)scratch;
  for (int i = 0; i < STRIP; i++) {
    out[i] = 0;
    if (strip * STRIP + i >= s->rows) continue;
    decode_row(s->type, w + (size_t)i * s->row_bytes, row, width);
    out[i] = dot_rows(row, a.f, width);
  }
}

static void strip_unpack(const struct segment *s, int strip, int width, uint8_t *tile) {
  const uint8_t *w = s->w + (size_t)strip * s->strip_bytes;
  if (s->format) return s->format->unpack(w, width, tile);
  for (int i = 0; i < STRIP && strip * STRIP + i < s->rows; i++)
    decode_row(s->type, w + (size_t)i * s->row_bytes, (float *)tile + (size_t)i * width, width);
}

// Eight rows times four tokens: out[token][row].
static void strip_products(const struct segment *s, int strip, const uint8_t *tile, int width, struct act a, float *out) {
  if (s->format) return s->format->products(tile, width, a, out);
  for (int r = 0; r < STRIP && strip * STRIP + r < s->rows; r++) {
    const float *w = (const float *)tile + (size_t)r * width;
    v128_t sum = zero(), other = zero();
    int i = 0;
    for (; i + 2 <= width; i += 2) {
      sum = madd(wasm_v128_load32_splat(w + i), wasm_v128_load(a.f + 4 * i), sum);
      other = madd(wasm_v128_load32_splat(w + i + 1), wasm_v128_load(a.f + 4 * i + 4), other);
    }
    for (; i < width; i++) sum = madd(wasm_v128_load32_splat(w + i), wasm_v128_load(a.f + 4 * i), sum);
    sum = wasm_f32x4_add(sum, other);
    out[r] = wasm_f32x4_extract_lane(sum, 0), out[8 + r] = wasm_f32x4_extract_lane(sum, 1);
    out[16 + r] = wasm_f32x4_extract_lane(sum, 2), out[24 + r] = wasm_f32x4_extract_lane(sum, 3);
  }
}

// Bias, residual, and out they go.
static void finish(const struct segment *s, int strip, int token, const float *v) {
  int first = strip * STRIP, n = min_int(STRIP, s->rows - first);
  size_t at = (size_t)token * s->rows + first;
  for (int i = 0; i < n; i++) {
    float x = v[i];
    if (s->bias) x += s->bias[first + i];
    if (s->residual) x += s->residual[at + i];
    s->out[at + i] = x;
  }
}

// gate := silu(gate) · up, both with their biases.
static void gate_up(const struct segment *gate, const struct segment *up, int strip, float *g, const float *u) {
  float local[STRIP], other[STRIP];
  int first = strip * STRIP;
  for (int i = 0; i < STRIP; i++) {
    int row = min_int(first + i, gate->rows - 1);
    local[i] = g[i] + (gate->bias ? gate->bias[row] : 0);
    other[i] = u[i] + (up->bias ? up->bias[row] : 0);
  }
  for (int i = 0; i < STRIP; i += 4)
    wasm_v128_store(g + i, wasm_f32x4_mul(silu_f(wasm_v128_load(local + i)), wasm_v128_load(other + i)));
}

static const float *normed_row(const struct quantize_record *q, int row, struct thread *thread) {
  const float *x = AT(const float, q->x) + (size_t)row * q->width;
  if (!q->norm) return x;
  rms_norm_row(x, AT(const float, q->norm), thread->row, (int)q->width, (float)q->eps);
  return thread->row;
}

// With one row every thread prepares the activations for itself, when it takes its first chunk of the product: cheaper
// than one more step.
static struct act own_act(const struct quantize_record *q, uint64_t serial, struct thread *thread) {
  struct act a = act_view(thread->act, (int)q->width, 1);
  if (thread->prepared != serial) {
    act_prepare(a, normed_row(q, 0, thread), (int)q->width, (int)q->forms, 1, 0);
    thread->prepared = serial;
  }
  return a;
}

int quantize_chunks(const struct quantize_record *q) {
  int rows = domain_rows(q->domain);
  return rows > 1 ? ceil_div(rows, 4) : 0;
}

void quantize_run(const struct quantize_record *q, int chunk, struct thread *thread) {
  int rows = domain_rows(q->domain), width = (int)q->width;
  struct act a = act_view(AT(uint8_t, q->packed) + (size_t)chunk * act_group_bytes(width, 4), width, 4);
  for (int lane = 0; lane < 4; lane++) {
    int row = min_int(chunk * 4 + lane, rows - 1);  // the last group repeats its last row
    act_prepare(a, normed_row(q, row, thread), width, (int)q->forms, 4, lane);
  }
}

static int total_strips(const struct matmul_record *r) {
  if (r->glu) return strips_of(r->rows0);
  return strips_of(r->rows0) + strips_of(r->rows1) + strips_of(r->rows2);
}

// So many strips that a chunk is some ten microseconds' work, and each thread has several to take.
static int strips_per_chunk(int strips, int width, int rows) {
  int64_t products = (int64_t)width * STRIP * rows;
  int by_work = (int)((rows > 1 ? 4000000 : 250000) / products);
  int by_threads = strips / ((int)control.threads * 8);
  return max_int(1, min_int(by_work, by_threads));
}

int matmul_chunks(const struct matmul_record *r) {
  int rows = domain_rows(r->domain), strips = total_strips(r);
  return rows ? ceil_div(strips, strips_per_chunk(strips, (int)r->width, rows)) : 0;
}

void matmul_run(const struct matmul_record *r, uint64_t serial, int chunk, struct thread *thread) {
  const struct quantize_record *q = AT(const struct quantize_record, r->act);
  int rows = domain_rows(r->domain), width = (int)r->width, strips = total_strips(r);
  int per = strips_per_chunk(strips, width, rows);
  size_t tile_bytes = (size_t)control.tile_bytes;
  uint8_t *tile = thread->scratch, *tile2 = tile + tile_bytes;
  struct act own;
  if (rows == 1) own = own_act(q, serial, thread);
  int index = 0, before = 0;
  struct segment s = segment_of(r, 0), up;
  if (r->glu) up = segment_of(r, 1);
  for (int n = chunk * per, end = min_int(n + per, strips); n < end; n++) {
    while (!r->glu && n - before >= strips_of(s.rows)) {
      before += strips_of(s.rows);
      s = segment_of(r, ++index);
    }
    int strip = n - before;
    float v[32] = {}, u[32] = {};
    if (rows == 1) {
      strip_product(&s, strip, width, own, tile, v);
      if (r->glu) {
        strip_product(&up, strip, width, own, tile, u);
        gate_up(&s, &up, strip, v, u);
        struct segment bare = s;
        bare.bias = 0;
        finish(&bare, strip, 0, v);
      } else {
        finish(&s, strip, 0, v);
      }
      continue;
    }
    strip_unpack(&s, strip, width, tile);
    if (r->glu) strip_unpack(&up, strip, width, tile2);
    struct segment bare = s;
    if (r->glu) bare.bias = 0;
    for (int group = 0; group < ceil_div(rows, 4); group++) {
      struct act a = act_view(AT(uint8_t, q->packed) + (size_t)group * act_group_bytes(width, 4), width, 4);
      strip_products(&s, strip, tile, width, a, v);
      if (r->glu) strip_products(&up, strip, tile2, width, a, u);
      for (int t = 0; t < min_int(4, rows - group * 4); t++) {
        if (r->glu) gate_up(&s, &up, strip, v + 8 * t, u + 8 * t);
        finish(&bare, strip, group * 4 + t, v + 8 * t);
      }
    }
  }
}

// Mixtures of experts: every pick of every row is a product of its own.
static int expert_parts(const struct expert_matmul_record *r) {
  int picks = domain_rows(r->domain) * (int)r->used;
  if (!picks) return 1;
  return max_int(1, min_int(min_int(strips_of(r->rows), (int)control.threads * 4), MOST_CHUNKS / picks));
}

int expert_matmul_chunks(const struct expert_matmul_record *r) {
  return domain_rows(r->domain) * (int)r->used * expert_parts(r);
}

void expert_matmul_run(const struct expert_matmul_record *r, uint64_t serial, int chunk, struct thread *thread) {
  int parts = expert_parts(r), used = (int)r->used, width = (int)r->width;
  int part = chunk % parts, pick = chunk / parts % used, row = chunk / parts / used;
  int expert = (int)(AT(const float, r->routes) + (size_t)row * used * 2)[pick];
  int input = r->x_width == r->width ? row : row * used + pick;
  struct segment s = make_segment(width, (int64_t)(r->w + (uint64_t)expert * (uint64_t)r->expert_bytes), r->type, r->row_bytes, r->rows, 0, 0, (int64_t)r->out);
  struct act a = act_view(thread->act, width, 1);
  uint64_t key = serial + (uint64_t)input;
  if (thread->prepared != key) {
    act_prepare(a, AT(const float, r->x) + (size_t)input * width, width, s.format ? s.format->forms : FORM_F32, 1, 0);
    thread->prepared = key;
  }
  int strips = strips_of(r->rows);
  for (int strip = strips * part / parts; strip < strips * (part + 1) / parts; strip++) {
    float v[STRIP] = {};
    strip_product(&s, strip, width, a, thread->scratch, v);
    finish(&s, strip, row * used + pick, v);
  }
}
