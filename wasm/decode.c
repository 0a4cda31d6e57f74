#include "decode.h"

struct codebooks codebooks;

void set_codebook(int which, const void *table) { ((const void **)&codebooks)[which] = table; }

void decode_row(int ggml_type_id, const uint8_t *blocks, float *out, int n) {
  switch (ggml_type_id) {
    case 0: decode_f32(blocks, out, n); return;
    case 1: decode_f16(blocks, out, n); return;
    case 2: decode_q4_0(blocks, out, n); return;
    case 3: decode_q4_1(blocks, out, n); return;
    case 6: decode_q5_0(blocks, out, n); return;
    case 7: decode_q5_1(blocks, out, n); return;
    case 8: decode_q8_0(blocks, out, n); return;
    case 10: decode_q2_k(blocks, out, n); return;
    case 11: decode_q3_k(blocks, out, n); return;
    case 12: decode_q4_k(blocks, out, n); return;
    case 13: decode_q5_k(blocks, out, n); return;
    case 14: decode_q6_k(blocks, out, n); return;
    case 16: decode_iq2_xxs(blocks, out, n); return;
    case 17: decode_iq2_xs(blocks, out, n); return;
    case 18: decode_iq3_xxs(blocks, out, n); return;
    case 19: decode_iq1_s(blocks, out, n); return;
    case 20: decode_iq4_nl(blocks, out, n); return;
    case 21: decode_iq3_s(blocks, out, n); return;
    case 22: decode_iq2_s(blocks, out, n); return;
    case 23: decode_iq4_xs(blocks, out, n); return;
    case 29: decode_iq1_m(blocks, out, n); return;
    case 30: decode_bf16(blocks, out, n); return;
    case 34: decode_tq1_0(blocks, out, n); return;
    case 35: decode_tq2_0(blocks, out, n); return;
    case 39: decode_mxfp4(blocks, out, n); return;
    case 40: decode_nvfp4(blocks, out, n); return;
    case 41: decode_q1_0(blocks, out, n); return;
    case 42: decode_q2_0(blocks, out, n); return;
    default: __builtin_trap();
  }
}
