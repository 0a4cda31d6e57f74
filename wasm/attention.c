// Attention in one pass over the cache (Dao et al. 2022): scores of 32 positions at a time, a running maximum and sum, the
// weighted values rescaled when the maximum moves. The score matrix is never stored.
//
// Keys lie transposed in blocks of 32 positions, [K/V head][block][number][32]: a number of the query times 32 keys is
// eight products without a horizontal sum. Values lie [K/V head][position][number]. All query heads that share a K/V head
// go over a block together, so a half-precision cache is widened once for all of them.
//
// Queries go over a block in tiles of four, so that a number that is loaded serves all of them.
//
// In prefill a chunk is four tokens of one K/V head. In decode the context falls into splits, each with a maximum, a sum
// and a vector of its own in `partials`; attention_merge joins them (Flash-Decoding, Dao et al. 2023).
#include "kept.h"
#include "runtime.h"
#include "steps.h"

enum { BLOCK = 32, TOKENS = 4, SPLIT_POSITIONS = 256, MAX_SPLITS = 16 };

// First position that the token at `position` sees; `window` 0: all before it.
static int first_visible(int64_t window, int position) {
  return window > 0 && position >= window ? position + 1 - (int)window : 0;
}

// Start of the first block of which the token at `position` sees anything.
static int first_block(int64_t window, int position) { return first_visible(window, position) / BLOCK * BLOCK; }

static int splits(int64_t window) {
  if (control.token_count != 1) return 1;
  int position = (int)control.position;
  return min_int(MAX_SPLITS, ceil_div(position + 1 - first_block(window, position), SPLIT_POSITIONS));
}

static float exp_one(float x) { return wasm_f32x4_extract_lane(exp_f(splat_f(x)), 0); }

static int partial_floats(int value_size) { return (value_size + 2 + 3) & ~3; }

// Halves of the cache, none of which is subnormal (kv_append sees to it): their bits, moved to a float's, are 2^-112 times their value.
static void widen_halves(const uint16_t *from, float *to, int n) {
  const struct kept c = keep();
  for (int i = 0; i < n; i += 8) {
    v128_t h = wasm_v128_load(from + i);
    v128_t low = wasm_v128_and(wasm_i32x4_shl(wasm_i32x4_extend_low_i16x8(h), 13), c.half_bits);
    v128_t high = wasm_v128_and(wasm_i32x4_shl(wasm_i32x4_extend_high_i16x8(h), 13), c.half_bits);
    wasm_v128_store(to + i, wasm_f32x4_mul(low, c.half_raise));
    wasm_v128_store(to + i + 4, wasm_f32x4_mul(high, c.half_raise));
  }
}

struct softmax {
  float top, sum;
};

// Queries that go over a block together: each number of a key or a value is loaded once for all of them. With 2 · 4, 4 · 2 or 8 · 1
// vectors of positions (or of a value's numbers) there are eight sums, as many as registers allow.
enum { TILE = 4 };

// Scores of `n` queries at 4 · `vectors` positions: score[query][32] := Σ query[d] · keys[d]. Queries lie [number][n].
INLINE void scores(const int n, const int vectors, const float *q, const float *keys, int size, float *score) {
  v128_t s[TILE][8];
  UNROLL for (int k = 0; k < n; k++) UNROLL for (int j = 0; j < vectors; j++) s[k][j] = zero();
  const float *end = q + n * size;
  ROLLED do {
    UNROLL for (int k = 0; k < n; k++) {
      v128_t x = wasm_v128_load32_splat(q + k);
      UNROLL for (int j = 0; j < vectors; j++) s[k][j] = madd(x, wasm_v128_load(keys + 4 * j), s[k][j]);
    }
    q += n, keys += BLOCK;
  } while (q != end);
  UNROLL for (int k = 0; k < n; k++) UNROLL for (int j = 0; j < vectors; j++) wasm_v128_store(score + BLOCK * k + 4 * j, s[k][j]);
}

// out[query][number] += Σ weight[query][i] · values[i], for 4 · `vectors` numbers of `n` queries and `count` positions.
INLINE void accumulate(const int n, const int vectors, const float *weight, const float *values, int value_size, int count, float *out) {
  v128_t f[TILE][8];
  UNROLL for (int k = 0; k < n; k++) UNROLL for (int j = 0; j < vectors; j++) f[k][j] = wasm_v128_load(out + (size_t)k * value_size + 4 * j);
  const float *end = weight + count;
  ROLLED do {
    UNROLL for (int k = 0; k < n; k++) {
      v128_t w = wasm_v128_load32_splat(weight + BLOCK * k);
      UNROLL for (int j = 0; j < vectors; j++) f[k][j] = madd(w, wasm_v128_load(values + 4 * j), f[k][j]);
    }
    weight++, values += value_size;
  } while (weight != end);
  UNROLL for (int k = 0; k < n; k++) UNROLL for (int j = 0; j < vectors; j++) wasm_v128_store(out + (size_t)k * value_size + 4 * j, f[k][j]);
}

// softcap · tanh(x / softcap), tanh x = 1 - 2 / (e²ˣ + 1).
INLINE v128_t capped(v128_t x, float softcap) {
  v128_t twice = wasm_f32x4_mul(x, splat_f(2 / softcap));
  twice = wasm_f32x4_max(splat_f(-30), wasm_f32x4_min(splat_f(30), twice));
  v128_t rest = wasm_f32x4_div(splat_f(2), wasm_f32x4_add(exp_f(twice), splat_f(1)));
  return wasm_f32x4_mul(splat_f(softcap), wasm_f32x4_sub(splat_f(1), rest));
}

// Scores of one query become weights, of which those of the positions begin … count - 1 count; what was summed before shrinks when
// the maximum rises.
static void soften(float *score, float softcap, int begin, int count, struct softmax *state, int value_size, float *out) {
  v128_t s[8], top = splat_f(state->top), lane = wasm_i32x4_const(0, 1, 2, 3);
  UNROLL for (int j = 0; j < 8; j++) {
    s[j] = wasm_v128_load(score + 4 * j);
    if (softcap > 0) s[j] = capped(s[j], softcap);
    if (begin > 0 || count < BLOCK) {
      v128_t index = wasm_i32x4_add(lane, wasm_i32x4_splat(4 * j));
      v128_t seen = wasm_v128_and(wasm_i32x4_lt(index, wasm_i32x4_splat(count)), wasm_i32x4_ge(index, wasm_i32x4_splat(begin)));
      s[j] = wasm_v128_bitselect(s[j], splat_f(-__builtin_inff()), seen);
    }
    top = wasm_f32x4_pmax(top, s[j]);
  }
  float new_top = max_f(top);
  v128_t sum = zero();
  UNROLL for (int j = 0; j < 8; j++) {
    v128_t w = exp_f(wasm_f32x4_sub(s[j], splat_f(new_top)));
    // e^-∞ is e^-87 here.
    if (begin > 0 || count < BLOCK) w = wasm_v128_andnot(w, wasm_f32x4_eq(s[j], splat_f(-__builtin_inff())));
    wasm_v128_store(score + 4 * j, w);
    sum = wasm_f32x4_add(sum, w);
  }
  if (new_top > state->top) {
    float shrink = state->sum == 0 ? 0 : exp_one(state->top - new_top);
    state->sum *= shrink;
    state->top = new_top;
    for (int d = 0; d < value_size; d++) out[d] *= shrink;
  }
  state->sum += sum_f(sum);
}

// A block as `n` queries see it: of query k the positions begin[k] … end[k] - 1; end[k] ≤ begin[k] where it sees nothing of it.
INLINE void tile_block(const int n, const struct attention_record *r, const float *q, const float *keys, const float *values, const int *begin, const int *end, float *weight, struct softmax *state, float *out) {
  const int vectors = 8 / n, value_size = (int)r->value_size;
  int count = 0;
  UNROLL for (int k = 0; k < n; k++) count = max_int(count, end[k]);
  if (count <= 0) return;
  for (int at = 0; at < BLOCK; at += 4 * vectors) scores(n, vectors, q, keys + at, (int)r->head_size, weight + at);
  UNROLL for (int k = 0; k < n; k++) {
    if (begin[k] < end[k]) soften(weight + BLOCK * k, (float)r->softcap, begin[k], end[k], &state[k], value_size, out + (size_t)k * value_size);
    else for (int i = 0; i < BLOCK; i += 4) wasm_v128_store(weight + BLOCK * k + i, zero());
  }
  int d = 0;
  for (; d + 4 * vectors <= value_size; d += 4 * vectors) accumulate(n, vectors, weight, values + d, value_size, count, out + d);
  for (; d + 4 <= value_size; d += 4) accumulate(n, 1, weight, values + d, value_size, count, out + d);
  for (; d < value_size; d++)
    for (int k = 0; k < n; k++)
      for (int i = 0; i < count; i++) out[(size_t)k * value_size + d] += weight[BLOCK * k + i] * values[(size_t)i * value_size + d];
}

#define TILE_BLOCK(n)                                                                                                              \
  static void tile_block_##n(const struct attention_record *r, const float *q, const float *keys, const float *values,             \
                             const int *begin, const int *end, float *weight, struct softmax *state, float *out) {                 \
    tile_block(n, r, q, keys, values, begin, end, weight, state, out);                                                             \
  }
TILE_BLOCK(4)
TILE_BLOCK(2)
TILE_BLOCK(1)

// The queries from `at` on that go together: four, two or one.
static int tile_size(int queries, int at) { return queries - at >= 4 ? 4 : queries - at >= 2 ? 2 : 1; }

// Copies the queries of a chunk ([token][head of the group]) into tiles, [number][queries of the tile], times the scale.
static void tile_queries(const struct attention_record *r, int kv_head, int first, int tokens, float *to) {
  int size = (int)r->head_size, group = (int)(r->heads / r->kv_heads), queries = tokens * group;
  for (int at = 0, n; at < queries; at += n) {
    n = tile_size(queries, at);
    for (int k = 0; k < n; k++) {
      int token = first + (at + k) / group, head = kv_head * group + (at + k) % group;
      const float *q = AT(const float, r->q) + ((size_t)token * r->heads + head) * size;
      for (int d = 0; d < size; d++) to[(size_t)at * size + d * n + k] = q[d] * (float)r->scale;
    }
  }
}

// What a thread has in its scratch; backends/wasm/layout.ts reserves it.
struct attention_scratch {
  float *keys, *values;   // a block, widened
  float *weight;          // [TILE][BLOCK]
  float *queries;         // in tiles
  float *sums;            // [query][value_size]
  struct softmax *state;  // [query]
};

static struct attention_scratch scratch_of(const struct attention_record *r, struct thread *thread) {
  size_t queries = (size_t)TOKENS * (size_t)(r->heads / r->kv_heads);
  struct attention_scratch s;
  s.keys = (float *)thread->scratch;
  s.values = s.keys + BLOCK * r->head_size;
  s.weight = s.values + BLOCK * r->value_size;
  s.queries = s.weight + TILE * BLOCK;
  s.sums = s.queries + queries * r->head_size;
  s.state = (struct softmax *)(s.sums + queries * r->value_size);
  return s;
}

// Queries of tokens first … first + tokens - 1 and all heads of one K/V head, over positions from … to - 1. Leaves
// unscaled sums in `sums` ([token][head of the group], value_size each) and their maxima and sums in `state`.
static void attend(const struct attention_record *r, int kv_head, int first, int tokens, int from, int to, struct attention_scratch s) {
  int size = (int)r->head_size, value_size = (int)r->value_size, group = (int)(r->heads / r->kv_heads), queries = tokens * group;
  size_t key_base = (size_t)kv_head * r->context * size, value_base = (size_t)kv_head * r->context * value_size;
  for (int i = 0; i < queries; i++) s.state[i] = (struct softmax){-1e30f, 0};
  for (int i = 0; i < queries * value_size; i++) s.sums[i] = 0;
  tile_queries(r, kv_head, first, tokens, s.queries);
  for (int p = from; p < to; p += BLOCK) {
    const float *keys, *values;
    size_t key_at = key_base + (size_t)p * size, value_at = value_base + (size_t)p * value_size;
    if (r->half) {
      widen_halves(AT(const uint16_t, r->k_cache) + key_at, s.keys, BLOCK * size);
      widen_halves(AT(const uint16_t, r->v_cache) + value_at, s.values, min_int(BLOCK, to - p) * value_size);
      keys = s.keys, values = s.values;
    } else {
      keys = AT(const float, r->k_cache) + key_at, values = AT(const float, r->v_cache) + value_at;
    }
    for (int at = 0, n; at < queries; at += n) {
      n = tile_size(queries, at);
      int begin[TILE], end[TILE];
      for (int k = 0; k < n; k++) {
        int position = (int)control.position + first + (at + k) / group;
        begin[k] = first_visible(r->window, position) - p;
        end[k] = min_int(min_int(BLOCK, to - p), position + 1 - p);
      }
      const float *q = s.queries + (size_t)at * size;
      float *out = s.sums + (size_t)at * value_size;
      if (n == 4) tile_block_4(r, q, keys, values, begin, end, s.weight, s.state + at, out);
      else if (n == 2) tile_block_2(r, q, keys, values, begin, end, s.weight, s.state + at, out);
      else tile_block_1(r, q, keys, values, begin, end, s.weight, s.state + at, out);
    }
  }
}

int attention_chunks(const struct attention_record *r) {
  int tokens = (int)control.token_count;
  return (int)r->kv_heads * (tokens == 1 ? splits(r->window) : ceil_div(tokens, TOKENS));
}

void attention_run(const struct attention_record *r, int chunk, struct thread *thread) {
  int value_size = (int)r->value_size, group = (int)(r->heads / r->kv_heads), tokens = (int)control.token_count;
  int parts = tokens == 1 ? splits(r->window) : ceil_div(tokens, TOKENS);
  int kv_head = chunk / parts, part = chunk % parts, length = (int)control.position + tokens;
  struct attention_scratch s = scratch_of(r, thread);
  if (tokens == 1 && parts > 1) {
    int start = first_block(r->window, length - 1), per = ceil_div(ceil_div(length - start, parts), BLOCK) * BLOCK;
    attend(r, kv_head, 0, 1, start + part * per, min_int(length, start + (part + 1) * per), s);
    for (int g = 0; g < group; g++) {
      float *partial = AT(float, r->partials) + ((size_t)(kv_head * group + g) * MAX_SPLITS + part) * partial_floats(value_size);
      partial[0] = s.state[g].top, partial[1] = s.state[g].sum;
      for (int d = 0; d < value_size; d++) partial[2 + d] = s.sums[g * value_size + d];
    }
    return;
  }
  int first = tokens == 1 ? 0 : part * TOKENS, count = min_int(TOKENS, tokens - first);
  int start = first_block(r->window, (int)control.position + first);
  attend(r, kv_head, first, count, start, (int)control.position + first + count, s);
  for (int i = 0; i < count * group; i++) {
    int t = i / group, g = i % group;
    float *out = AT(float, r->out) + ((size_t)(first + t) * r->heads + kv_head * group + g) * value_size;
    float scale = 1.0f / s.state[i].sum;
    if (r->sinks) {
      float sink = AT(const float, r->sinks)[kv_head * group + g], top = sink > s.state[i].top ? sink : s.state[i].top;
      float shrink = exp_one(s.state[i].top - top);
      scale = shrink / (s.state[i].sum * shrink + exp_one(sink - top));
    }
    for (int d = 0; d < value_size; d++) out[d] = s.sums[(size_t)i * value_size + d] * scale;
  }
}

int attention_merge_chunks(const struct attention_merge_record *r) { return splits(r->window) > 1 ? (int)r->heads : 0; }

void attention_merge_run(const struct attention_merge_record *r, int head) {
  int value_size = (int)r->value_size, parts = splits(r->window), stride = partial_floats(value_size);
  const float *partial = AT(const float, r->partials) + (size_t)head * MAX_SPLITS * stride;
  float *out = AT(float, r->out) + (size_t)head * value_size;
  float top = partial[0], sum = 0;
  for (int p = 1; p < parts; p++) top = partial[p * stride] > top ? partial[p * stride] : top;
  if (r->sinks) {
    float sink = AT(const float, r->sinks)[head];
    top = sink > top ? sink : top;
    sum = exp_one(sink - top);
  }
  for (int d = 0; d < value_size; d++) out[d] = 0;
  for (int p = 0; p < parts; p++, partial += stride) {
    if (partial[1] == 0) continue;
    float w = exp_one(partial[0] - top);
    sum += w * partial[1];
    for (int d = 0; d < value_size; d++) out[d] += w * partial[2 + d];
  }
  for (int d = 0; d < value_size; d++) out[d] /= sum;
}
