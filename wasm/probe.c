// What JavaScript asks of the machine before it chooses among kernels (backends/wasm/probe.ts).
#include "formats.h"

// Which bytes the wide dot of dot.h takes as weights: a FULL_ of it. The operands are read where the compiler cannot know them.
EXPORT(full_dot) int full_dot(void) {
#ifdef __wasm_relaxed_simd__
  static volatile int8_t most = 127, all_but_lowest = -2;
  v128_t sums = dot(zero(), wasm_i8x16_splat(most), wasm_i8x16_splat(all_but_lowest), 0);
  int sum = wasm_i32x4_extract_lane(sums, 0);
  if (sum == 4 * 127 * 254) return FULL_UNSIGNED;
  if (sum == 4 * 127 * -2) return FULL_SIGNED;
#endif
  return FULL_NONE;
}

// Runs a kernel of Q4_0 on weights in the cache, to be timed: dots alone, whose operands repeat, are not what a machine has to do.
EXPORT(exercise) void exercise(int gemm, int narrow, int rounds) {
  enum { WIDTH = 256, BLOCK = 18 * STRIP, Q4_0 = 2 };
  static uint8_t strips[WAYS][WIDTH / 32 * BLOCK], activations[WIDTH * 4 * 3];
  static v128_t tile[WIDTH * 2 + WIDTH];
  static float out[64];
  const struct format *f = format_of(Q4_0);
  const uint8_t *ways[WAYS];
  for (int n = 0; n < WAYS; n++) {
    ways[n] = strips[n];
    // Scales of 1: subnormal ones would go the slow way.
    for (int b = 0; b < WIDTH / 32; b++) wasm_v128_store(strips[n] + b * BLOCK, wasm_i16x8_const_splat(0x3c00));
  }
  const struct act a = act_view(activations, WIDTH, gemm ? 4 : 1, FORM_Q8);
  if (gemm) f->unpack(strips[0], WIDTH, (uint8_t *)tile);
  for (int i = 0; i < rounds; i++) {
    if (gemm) f->products[narrow]((const uint8_t *)tile, WIDTH, a, out);
    else f->product[narrow](ways, WIDTH, a, out);
  }
}
