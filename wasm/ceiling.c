// Loops that do one thing only: what the machine does at most. A chunk copies or reads `bytes`, or computes `rounds` times.
#include "dot.h"
#include "steps.h"

enum { CEILING_COPY, CEILING_READ, CEILING_FLOAT32, CEILING_INT8 };
// Sums side by side, so that none waits for the one before: as many as registers are left.
enum { CHAINS = 12 };

int ceiling_chunks(const struct ceiling_record *r) { return (int)r->chunks; }

static v128_t read_all(const uint8_t *p, int64_t bytes) {
  v128_t sums[8] = {};
  for (int64_t i = 0; i < bytes; i += 128)
    UNROLL for (int j = 0; j < 8; j++) sums[j] = wasm_v128_xor(sums[j], wasm_v128_load(p + i + 16 * j));
  v128_t sum = zero();
  for (int j = 0; j < 8; j++) sum = wasm_v128_xor(sum, sums[j]);
  return sum;
}

static v128_t multiply_floats(v128_t start, int64_t rounds) {
  v128_t sums[CHAINS] = {}, x = start, w = splat_f(0.5f);
  for (int64_t i = 0; i < rounds; i++) UNROLL for (int j = 0; j < CHAINS; j++) sums[j] = madd(sums[j], w, x);
  v128_t sum = zero();
  for (int j = 0; j < CHAINS; j++) sum = wasm_f32x4_add(sum, sums[j]);
  return sum;
}

INLINE v128_t multiply_bytes(v128_t start, int64_t rounds, const int narrow) {
  const struct kept c = keep();
  v128_t sums[CHAINS] = {}, x = start, three = wasm_i8x16_const_splat(3);
  const operand w = operand_of(three, &c);
  for (int64_t i = 0; i < rounds; i++) {
    // The operands change, so that nothing is computed before the loop.
    x = wasm_i8x16_add(x, three);
    UNROLL for (int j = 0; j < CHAINS; j++) sums[j] = dot(sums[j], operand_of(x, &c), w, narrow);
  }
  v128_t sum = zero();
  for (int j = 0; j < CHAINS; j++) sum = wasm_i32x4_add(sum, sums[j]);
  return sum;
}

static __attribute__((noinline)) v128_t multiply_narrow(v128_t start, int64_t rounds) { return multiply_bytes(start, rounds, 1); }
#ifdef __wasm_relaxed_simd__
static __attribute__((noinline)) v128_t multiply_wide(v128_t start, int64_t rounds) { return multiply_bytes(start, rounds, 0); }
#else
#define multiply_wide multiply_narrow
#endif

void ceiling_run(const struct ceiling_record *r, int chunk, struct thread *thread) {
  uint8_t *from = AT(uint8_t, r->from) + chunk * r->bytes, *to = AT(uint8_t, r->to) + chunk * r->bytes;
  if (r->kind == CEILING_COPY) {
    __builtin_memcpy(to, from, (size_t)r->bytes);
    return;
  }
  v128_t start = wasm_v128_load(from), sum;
  if (r->kind == CEILING_READ) sum = read_all(from, r->bytes);
  else if (r->kind == CEILING_FLOAT32) sum = multiply_floats(start, r->rounds);
  else sum = control.gemm_dot ? multiply_narrow(start, r->rounds) : multiply_wide(start, r->rounds);
  // It goes somewhere, so that nothing is left out.
  wasm_v128_store(thread->row, sum);
}
