// Products of many tokens: each strip is unpacked once and multiplied with all of them. (One token: matvec.c.)
#include "decode.h"
#include "segment.h"
#include "steps.h"

// Of one token: weights of the smallest chunk, and of the smallest where there is one thread.
enum { GUIDED_LEAST = 250000, GUIDED_ALONE = 4000000 };

static void strip_unpack(const struct segment *s, int strip, int width, uint8_t *tile) {
  const uint8_t *w = s->w + (size_t)strip * s->strip_bytes;
  if (s->format) return s->format->unpack(w, width, tile);
  for (int i = 0; i < STRIP && strip * STRIP + i < s->rows; i++)
    decode_row(s->type, w + (size_t)i * s->row_bytes, (float *)tile + (size_t)i * width, width);
}

// Eight rows times four tokens: out[token][row].
static void strip_products(const struct segment *s, int strip, const uint8_t *tile, int width, struct act a, float *out) {
  if (s->format) return s->format->products[control.gemm_dot](tile, width, a, out);
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

int quantize_chunks(const struct quantize_record *q) {
  int rows = domain_rows(q->domain);
  return rows > 1 ? ceil_div(rows, 4) : 0;
}

void quantize_run(const struct quantize_record *q, int chunk, struct thread *thread) {
  int rows = domain_rows(q->domain), width = (int)q->width;
  int forms = (int)q->forms;
  struct act a = act_view(AT(uint8_t, q->packed) + (size_t)chunk * act_group_bytes(width, 4, forms), width, 4, forms);
  for (int lane = 0; lane < 4; lane++) {
    int row = min_int(chunk * 4 + lane, rows - 1);  // the last group repeats its last row
    act_prepare(a, normed_row(q, row, thread), width, forms, 4, lane);
  }
}

static int total_strips(const struct matmul_record *r) {
  if (r->glu) return strips_of(r->rows0);
  return strips_of(r->rows0) + strips_of(r->rows1) + strips_of(r->rows2);
}

// What threads take at a time. Many tokens: strips, so many of them that a chunk is some ten microseconds' work and each thread
// has several to take. One token: what is read must lie together, for the machine fetches ahead along streams that go on for
// hundreds of kilobytes, and each new beginning costs. So the first chunks are half of the matrix, one for each thread, the next
// ones half of what is left, and so on down to some ten microseconds.
struct cut {
  int units, per_chunk;
};

static struct cut cut_of(const struct matmul_record *r, int rows) {
  int units = total_strips(r);
  int by_work = (int)(4000000 / ((int64_t)r->width * STRIP * rows));
  int by_threads = units / ((int)control.threads * 8);
  return (struct cut){units, max_int(1, min_int(by_work, by_threads))};
}

struct range {
  int first, end;
};

// One token's chunks, of pairs of strips, round by round: counts them, and finds the one with number `wanted` on the way.
static int guided(const struct matmul_record *r, int wanted, struct range *found) {
  int64_t weights = r->width * STRIP * WAYS;
  int units = matvec_pairs(r), threads = (int)control.threads, count = 0;
  int least = max_int(1, (int)((threads == 1 ? GUIDED_ALONE : GUIDED_LEAST) / weights));
  for (int at = 0; at < units;) {
    int size = max_int(least, (units - at) * 2 / (3 * threads));
    for (int t = 0; t < threads && at < units; t++, count++, at += size)
      if (count == wanted) *found = (struct range){at, min_int(units, at + size)};
  }
  return count;
}

int matmul_chunks(const struct matmul_record *r) {
  int rows = domain_rows(r->domain);
  if (rows == 1) return guided(r, -1, 0);
  struct cut cut = cut_of(r, max_int(1, rows));
  return rows ? ceil_div(cut.units, cut.per_chunk) : 0;
}

void matmul_run(const struct matmul_record *r, uint64_t serial, int chunk, struct thread *thread) {
  int rows = domain_rows(r->domain), width = (int)r->width;
  if (rows == 1) {
    struct range pairs = {};
    guided(r, chunk, &pairs);
    return matvec_run(r, serial, pairs.first, pairs.end, thread);
  }
  struct cut cut = cut_of(r, rows);
  int first = chunk * cut.per_chunk, end = min_int(first + cut.per_chunk, cut.units);
  const struct quantize_record *q = AT(const struct quantize_record, r->act);
  const int forms = (int)q->forms;
  const size_t group_bytes = act_group_bytes(width, 4, forms);
  uint8_t *tile = thread->scratch, *tile2 = tile + (size_t)control.tile_bytes;
  int index = 0, before = 0;
  struct segment s = segment_of(r, 0), up;
  if (r->glu) up = segment_of(r, 1);
  for (int n = first; n < end; n++) {
    while (!r->glu && n - before >= strips_of(s.rows)) {
      before += strips_of(s.rows);
      s = segment_of(r, ++index);
    }
    int strip = n - before;
    float v[64], u[64];  // the upper halves are the kernels' own
    strip_unpack(&s, strip, width, tile);
    if (r->glu) strip_unpack(&up, strip, width, tile2);
    struct segment bare = s;
    if (r->glu) bare.bias = 0;
    for (int group = 0; group < ceil_div(rows, 4); group++) {
      struct act a = act_view(AT(uint8_t, q->packed) + group * group_bytes, width, 4, forms);
      strip_products(&s, strip, tile, width, a, v);
      if (r->glu) strip_products(&up, strip, tile2, width, a, u);
      for (int t = 0; t < min_int(4, rows - group * 4); t++) {
        if (r->glu) gate_up(&s, &up, strip, v + 8 * t, u + 8 * t);
        finish(&bare, strip, group * 4 + t, v + 8 * t);
      }
    }
  }
}
