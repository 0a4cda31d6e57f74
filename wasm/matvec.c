// Products of one token, of four strips at once (see formats.h), and of the experts that each token picks.
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

// The rows of a quad times one token: out[way][row].
static void quad_product(const struct segment *s, int quad, int width, struct act a, uint8_t *scratch, float *out) {
  int quads = quads_of(s->rows), last = strips_of(s->rows) - 1;
  if (s->format) {
    const uint8_t *strips[WAYS];
    for (int way = 0; way < WAYS; way++) strips[way] = s->w + (size_t)min_int(quad + way * quads, last) * s->strip_bytes;
    return s->format->product(strips, width, a, out);
  }
  float *decoded = (float *)scratch;
  for (int way = 0; way < WAYS; way++)
    for (int i = 0; i < STRIP; i++) {
      int row = (quad + way * quads) * STRIP + i;
      if (row >= s->rows) return;
      decode_row(s->type, s->w + (size_t)row * s->row_bytes, decoded, width);
      out[way * STRIP + i] = dot_rows(decoded, a.f, width);
    }
}

static void finish_quad(const struct segment *s, int quad, int token, const float *v) {
  int quads = quads_of(s->rows), strips = strips_of(s->rows);
  for (int way = 0; way < WAYS && quad + way * quads < strips; way++) finish(s, quad + way * quads, token, v + way * STRIP);
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

int matvec_quads(const struct matmul_record *r) {
  if (r->glu) return quads_of(r->rows0);
  return quads_of(r->rows0) + quads_of(r->rows1) + quads_of(r->rows2);
}

void matvec_run(const struct matmul_record *r, uint64_t serial, int first, int end, struct thread *thread) {
  int width = (int)r->width, index = 0, before = 0;
  struct act a = own_act(AT(const struct quantize_record, r->act), serial, thread);
  struct segment s = segment_of(r, 0), up;
  float v[WAYS * STRIP], u[WAYS * STRIP];
  if (r->glu) up = segment_of(r, 1);
  for (int n = first; n < end; n++) {
    while (!r->glu && n - before >= quads_of(s.rows)) {
      before += quads_of(s.rows);
      s = segment_of(r, ++index);
    }
    quad_product(&s, n - before, width, a, thread->scratch, v);
    if (!r->glu) {
      finish_quad(&s, n - before, 0, v);
      continue;
    }
    quad_product(&up, n, width, a, thread->scratch, u);
    struct segment bare = s;
    bare.bias = 0;
    for (int way = 0; way < WAYS; way++) gate_up(&s, &up, n + way * quads_of(s.rows), v + way * STRIP, u + way * STRIP);
    finish_quad(&bare, n, 0, v);
  }
}

// Mixtures of experts: every pick of every row is a product of its own.
static int expert_parts(const struct expert_matmul_record *r) {
  int picks = domain_rows(r->domain) * (int)r->used;
  if (!picks) return 1;
  return max_int(1, min_int(min_int(quads_of(r->rows), (int)control.threads * 4), MOST_CHUNKS / picks));
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
  int quads = quads_of(r->rows);
  for (int quad = quads * part / parts; quad < quads * (part + 1) / parts; quad++) {
    float v[WAYS * STRIP];
    quad_product(&s, quad, width, a, thread->scratch, v);
    finish_quad(&s, quad, row * used + pick, v);
  }
}
