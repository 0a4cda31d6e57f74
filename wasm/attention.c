// Attention in one pass over the cache (Dao et al. 2022): scores of 32 positions at a time, a running maximum and sum, the
// weighted values rescaled when the maximum moves. The score matrix is never stored.
//
// Keys lie transposed in blocks of 32 positions, [K/V head][block][number][32]: a number of the query times 32 keys is
// eight products without a horizontal sum. Values lie [K/V head][position][number]. All query heads that share a K/V head
// go over a block together, so a half-precision cache is widened once for all of them.
//
// In prefill a chunk is four tokens of one K/V head. In decode the context falls into splits, each with a maximum, a sum
// and a vector of its own in `partials`; attention_merge joins them (Flash-Decoding, Dao et al. 2023).
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

static void widen_halves(const uint16_t *from, float *to, int n) {
  for (int i = 0; i < n; i += 8) {
    v128_t h = wasm_v128_load(from + i);
    wasm_v128_store(to + i, halves_low(h));
    wasm_v128_store(to + i + 4, halves_high(h));
  }
}

struct softmax {
  float top, sum;
};

// out += Σ weight[i] · values[i], `count` positions, numbers d … d + 4·N - 1.
#define ACCUMULATE(N)                                                                                         \
  INLINE void accumulate_##N(const float *weight, const float *values, int size, int count, float *out) {     \
    v128_t f[N];                                                                                              \
    UNROLL for (int j = 0; j < N; j++) f[j] = wasm_v128_load(out + 4 * j);                                    \
    for (int i = 0; i < count; i++) {                                                                         \
      v128_t w = wasm_v128_load32_splat(weight + i);                                                          \
      UNROLL for (int j = 0; j < N; j++) f[j] = madd(w, wasm_v128_load(values + (size_t)i * size + 4 * j), f[j]); \
    }                                                                                                         \
    UNROLL for (int j = 0; j < N; j++) wasm_v128_store(out + 4 * j, f[j]);                                    \
  }
ACCUMULATE(8)
ACCUMULATE(1)

// softcap · tanh(x / softcap), tanh x = 1 - 2 / (e²ˣ + 1).
INLINE v128_t capped(v128_t x, float softcap) {
  v128_t twice = wasm_f32x4_mul(x, splat_f(2 / softcap));
  twice = wasm_f32x4_max(splat_f(-30), wasm_f32x4_min(splat_f(30), twice));
  v128_t rest = wasm_f32x4_div(splat_f(2), wasm_f32x4_add(exp_f(twice), splat_f(1)));
  return wasm_f32x4_mul(splat_f(softcap), wasm_f32x4_sub(splat_f(1), rest));
}

// One query over one block of which the positions begin … count - 1 are seen.
static void query_block(const float *q, const float *keys, const float *values, int size, int value_size, float scale, float softcap, int begin, int count, float *weight, struct softmax *state, float *out) {
  v128_t s[8] = {};
  for (int d = 0; d < size; d++) {
    v128_t x = wasm_v128_load32_splat(q + d);
    UNROLL for (int j = 0; j < 8; j++) s[j] = madd(x, wasm_v128_load(keys + d * BLOCK + 4 * j), s[j]);
  }
  v128_t top = splat_f(state->top), lane = wasm_i32x4_const(0, 1, 2, 3), seen[8];
  UNROLL for (int j = 0; j < 8; j++) {
    v128_t index = wasm_i32x4_add(lane, wasm_i32x4_splat(4 * j));
    seen[j] = wasm_v128_and(wasm_i32x4_lt(index, wasm_i32x4_splat(count)), wasm_i32x4_ge(index, wasm_i32x4_splat(begin)));
    s[j] = wasm_f32x4_mul(s[j], splat_f(scale));
    if (softcap > 0) s[j] = capped(s[j], softcap);
    top = wasm_f32x4_pmax(top, wasm_v128_bitselect(s[j], splat_f(-__builtin_inff()), seen[j]));
  }
  float new_top = max_f(top);
  v128_t sum = zero();
  UNROLL for (int j = 0; j < 8; j++) {
    v128_t w = wasm_v128_and(exp_f(wasm_f32x4_sub(s[j], splat_f(new_top))), seen[j]);
    wasm_v128_store(weight + 4 * j, w);
    sum = wasm_f32x4_add(sum, w);
  }
  if (new_top > state->top) {
    float shrink = exp_one(state->top - new_top);
    if (state->sum == 0) shrink = 0;
    state->sum *= shrink;
    state->top = new_top;
    for (int d = 0; d < value_size; d++) out[d] *= shrink;
  }
  state->sum += sum_f(sum);
  int d = 0;
  for (; d + 32 <= value_size; d += 32) accumulate_8(weight, values + d, value_size, count, out + d);
  for (; d + 4 <= value_size; d += 4) accumulate_1(weight, values + d, value_size, count, out + d);
  for (; d < value_size; d++)
    for (int i = 0; i < count; i++) out[d] += weight[i] * values[(size_t)i * value_size + d];
}

// Queries of tokens first … first + tokens - 1 and all heads of one K/V head, over positions from … to - 1. Leaves
// unscaled sums in `out` ([token][head of the group], value_size each) and their maxima and sums in `state`.
static void attend(const struct attention_record *r, int kv_head, int first, int tokens, int from, int to, struct thread *thread, float *out, struct softmax *state) {
  int size = (int)r->head_size, value_size = (int)r->value_size, group = (int)(r->heads / r->kv_heads);
  float *wide_keys = (float *)thread->scratch, *wide_values = wide_keys + BLOCK * size, *weight = wide_values + BLOCK * value_size;
  size_t key_base = (size_t)kv_head * r->context * size, value_base = (size_t)kv_head * r->context * value_size;
  for (int i = 0; i < tokens * group; i++) state[i] = (struct softmax){-1e30f, 0};
  for (int i = 0; i < tokens * group * value_size; i++) out[i] = 0;
  for (int p = from; p < to; p += BLOCK) {
    const float *keys, *values;
    size_t key_at = key_base + (size_t)p * size, value_at = value_base + (size_t)p * value_size;
    if (r->half) {
      widen_halves(AT(const uint16_t, r->k_cache) + key_at, wide_keys, BLOCK * size);
      widen_halves(AT(const uint16_t, r->v_cache) + value_at, wide_values, min_int(BLOCK, to - p) * value_size);
      keys = wide_keys, values = wide_values;
    } else {
      keys = AT(const float, r->k_cache) + key_at, values = AT(const float, r->v_cache) + value_at;
    }
    for (int t = 0; t < tokens; t++) {
      int count = min_int(min_int(BLOCK, to - p), (int)control.position + first + t + 1 - p);
      int begin = first_visible(r->window, (int)control.position + first + t) - p;
      if (count <= 0 || begin >= count) continue;
      const float *q = AT(const float, r->q) + ((size_t)(first + t) * r->heads + kv_head * group) * size;
      for (int g = 0; g < group; g++)
        query_block(q + (size_t)g * size, keys, values, size, value_size, (float)r->scale, (float)r->softcap, begin, count, weight, &state[t * group + g], out + (size_t)(t * group + g) * value_size);
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
  // Scratch after the widened block and the weights: results, then maxima and sums.
  float *sums = (float *)thread->scratch + BLOCK * (r->head_size + value_size + 1);
  struct softmax *state = (struct softmax *)(sums + (size_t)TOKENS * group * value_size);
  if (tokens == 1 && parts > 1) {
    int start = first_block(r->window, length - 1), per = ceil_div(ceil_div(length - start, parts), BLOCK) * BLOCK;
    attend(r, kv_head, 0, 1, start + part * per, min_int(length, start + (part + 1) * per), thread, sums, state);
    for (int g = 0; g < group; g++) {
      float *partial = AT(float, r->partials) + ((size_t)(kv_head * group + g) * MAX_SPLITS + part) * partial_floats(value_size);
      partial[0] = state[g].top, partial[1] = state[g].sum;
      for (int d = 0; d < value_size; d++) partial[2 + d] = sums[g * value_size + d];
    }
    return;
  }
  int first = tokens == 1 ? 0 : part * TOKENS, count = min_int(TOKENS, tokens - first);
  int start = first_block(r->window, (int)control.position + first);
  attend(r, kv_head, first, count, start, (int)control.position + first + count, thread, sums, state);
  for (int i = 0; i < count * group; i++) {
    int t = i / group, g = i % group;
    float *out = AT(float, r->out) + ((size_t)(first + t) * r->heads + kv_head * group + g) * value_size;
    float scale = 1.0f / state[i].sum;
    if (r->sinks) {
      float sink = AT(const float, r->sinks)[kv_head * group + g], top = sink > state[i].top ? sink : state[i].top;
      float shrink = exp_one(state[i].top - top);
      scale = shrink / (state[i].sum * shrink + exp_one(sink - top));
    }
    for (int d = 0; d < value_size; d++) out[d] = sums[(size_t)i * value_size + d] * scale;
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
