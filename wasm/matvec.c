// Products of one token, of two strips at once (see formats.h), and of the experts that each token picks.
#include "decode.h"
#include "segment.h"
#include "steps.h"

static float dot_rows(const float *a, const float *b, int width) {
  v128_t s[4] = {};
  int i = 0;
  for (; i + 16 <= width; i += 16)
    UNROLL for (int j = 0; j < 4; j++) s[j] = madd(wasm_v128_load(a + i + 4 * j), wasm_v128_load(b + i + 4 * j), s[j]);
  float sum = sum_f(wasm_f32x4_add(wasm_f32x4_add(s[0], s[1]), wasm_f32x4_add(s[2], s[3])));
  for (; i < width; i++) sum += a[i] * b[i];
  return sum;
}

// The rows of a pair times one token: out[way][row].
static void pair_product(const struct segment *s, int pair, int width, struct act a, uint8_t *scratch, float *out) {
  int pairs = pairs_of(s->rows), last = strips_of(s->rows) - 1;
  if (s->format) {
    const uint8_t *strips[WAYS];
    for (int way = 0; way < WAYS; way++) strips[way] = s->w + (size_t)min_int(pair + way * pairs, last) * s->strip_bytes;
    return s->format->product[control.gemv_dot](strips, width, a, out);
  }
  float *decoded = (float *)scratch;
  for (int way = 0; way < WAYS; way++)
    for (int i = 0; i < STRIP; i++) {
      int row = (pair + way * pairs) * STRIP + i;
      if (row >= s->rows) return;
      decode_row(s->type, s->w + (size_t)row * s->row_bytes, decoded, width);
      out[way * STRIP + i] = dot_rows(decoded, a.f, width);
    }
}

static void finish_pair(const struct segment *s, int pair, int token, const float *v) {
  int pairs = pairs_of(s->rows), strips = strips_of(s->rows);
  for (int way = 0; way < WAYS && pair + way * pairs < strips; way++) finish(s, pair + way * pairs, token, v + way * STRIP);
}

// With one row every thread prepares the activations for itself, when it takes its first chunk of the product: cheaper
// than one more step.
static struct act own_act(const struct quantize_record *q, uint64_t serial, struct thread *thread) {
  struct act a = act_view(thread->act, (int)q->width, 1, (int)q->forms);
  if (thread->prepared != serial) {
    act_prepare(a, normed_row(q, 0, thread), (int)q->width, (int)q->forms, 1, 0);
    thread->prepared = serial;
  }
  return a;
}

int matvec_pairs(const struct matmul_record *r) {
  if (r->glu) return pairs_of(r->rows0);
  return pairs_of(r->rows0) + pairs_of(r->rows1) + pairs_of(r->rows2);
}

// gate := silu(gate) · up for the rows of a pair, of which the gate stands in the output already.
static void finish_glu(const struct segment *gate, const struct segment *up, int pair, float *u) {
  int pairs = pairs_of(gate->rows), strips = strips_of(gate->rows);
  for (int way = 0; way < WAYS && pair + way * pairs < strips; way++, u += STRIP) {
    int first = (pair + way * pairs) * STRIP, n = min_int(STRIP, gate->rows - first);
    float g[STRIP] = {};
    for (int i = 0; i < n; i++) {
      g[i] = gate->out[first + i];
      if (up->bias) u[i] += up->bias[first + i];
    }
    for (int i = 0; i < STRIP; i += 4)
      wasm_v128_store(g + i, wasm_f32x4_mul(silu_f(wasm_v128_load(g + i)), wasm_v128_load(u + i)));
    for (int i = 0; i < n; i++) gate->out[first + i] = g[i];
  }
}

void matvec_run(const struct matmul_record *r, uint64_t serial, int first, int end, struct thread *thread) {
  int width = (int)r->width, index = 0, before = 0;
  struct act a = own_act(AT(const struct quantize_record, r->act), serial, thread);
  struct segment s = segment_of(r, 0);
  float v[WAYS * STRIP];
  for (int n = first; n < end; n++) {
    while (!r->glu && n - before >= pairs_of(s.rows)) {
      before += pairs_of(s.rows);
      s = segment_of(r, ++index);
    }
    pair_product(&s, n - before, width, a, thread->scratch, v);
    finish_pair(&s, n - before, 0, v);
  }
  if (!r->glu) return;
  // All of the chunk's gates come first: one matrix after the other is read from front to back.
  struct segment up = segment_of(r, 1);
  for (int n = first; n < end; n++) {
    pair_product(&up, n, width, a, thread->scratch, v);
    finish_glu(&s, &up, n, v);
  }
}

// Mixtures of experts: every pick of every row is a product of its own.
static int expert_parts(const struct expert_matmul_record *r) {
  int picks = domain_rows(r->domain) * (int)r->used;
  if (!picks) return 1;
  return max_int(1, min_int(min_int(pairs_of(r->rows), (int)control.threads * 4), MOST_CHUNKS / picks));
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
  int forms = s.format ? s.format->forms : FORM_F32;
  struct act a = act_view(thread->act, width, 1, forms);
  uint64_t key = serial + (uint64_t)input;
  if (thread->prepared != key) {
    act_prepare(a, AT(const float, r->x) + (size_t)input * width, width, forms, 1, 0);
    thread->prepared = key;
  }
  int pairs = pairs_of(r->rows);
  for (int pair = pairs * part / parts; pair < pairs * (part + 1) / parts; pair++) {
    float v[WAYS * STRIP];
    pair_product(&s, pair, width, a, thread->scratch, v);
    finish_pair(&s, pair, row * used + pick, v);
  }
}
