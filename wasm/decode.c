#include "decode.h"

struct codebooks codebooks;

void set_codebook(int which, const void *table) { ((const void **)&codebooks)[which] = table; }

/* By the numbers of types in GGUF tensor headers; those of no such type are null. */
static void (*const decoders[])(const uint8_t *blocks, float *out, int n) = {
    [0] = decode_f32,      [1] = decode_f16,     [2] = decode_q4_0,     [3] = decode_q4_1,    [6] = decode_q5_0,
    [7] = decode_q5_1,     [8] = decode_q8_0,    [10] = decode_q2_k,    [11] = decode_q3_k,   [12] = decode_q4_k,
    [13] = decode_q5_k,    [14] = decode_q6_k,   [16] = decode_iq2_xxs, [17] = decode_iq2_xs, [18] = decode_iq3_xxs,
    [19] = decode_iq1_s,   [20] = decode_iq4_nl, [21] = decode_iq3_s,   [22] = decode_iq2_s,  [23] = decode_iq4_xs,
    [29] = decode_iq1_m,   [30] = decode_bf16,   [34] = decode_tq1_0,   [35] = decode_tq2_0,  [39] = decode_mxfp4,
    [40] = decode_nvfp4,   [41] = decode_q1_0,   [42] = decode_q2_0,
};

void decode_row(int ggml_type_id, const uint8_t *blocks, float *out, int n) {
  const int count = sizeof decoders / sizeof decoders[0];
  if (ggml_type_id < 0 || ggml_type_id >= count || !decoders[ggml_type_id]) __builtin_trap();
  decoders[ggml_type_id](blocks, out, n);
}
