/*
 * Rows of quantised weights to float32: the C twins of the decoders in src/quant/, of the same names and to the same
 * bits. Block layouts and formulas stand there, in the file of each format.
 *
 * Every decoder reads n weights (a whole number of blocks) from `blocks`, of any alignment, and writes n floats.
 */
#ifndef DECODE_H
#define DECODE_H

#include <stdint.h>

/*
 * The tables some formats look values up in. The module holds no copy: they are filled in from CODEBOOKS in
 * src/quant/codebooks/index.ts, in the same order, before the first decode of such a format.
 */
struct codebooks {
  const uint8_t *iq2_xxs_grid; /* 256 × 8 */
  const uint8_t *iq2_xs_grid;  /* 512 × 8 */
  const uint8_t *iq2_s_grid;   /* 1024 × 8 */
  const uint8_t *iq3_xxs_grid; /* 256 × 4 */
  const uint8_t *iq3_s_grid;   /* 512 × 4 */
  const uint8_t *iq1_s_grid;   /* 2048 × 8, signed */
  const uint8_t *even_signs;   /* 128 */
  const uint8_t *iq4_values;   /* 16, signed */
  const uint8_t *e2m1_doubled; /* 16, signed */
};
extern struct codebooks codebooks;

/* Table number `which` of CODEBOOKS lies at `table` and stays there. */
void set_codebook(int which, const void *table);

/* Decodes with the decoder of the type that has this number in a GGUF tensor header; traps when there is none. */
void decode_row(int ggml_type_id, const uint8_t *blocks, float *out, int n);

void decode_f32(const uint8_t *blocks, float *out, int n);
void decode_f16(const uint8_t *blocks, float *out, int n);
void decode_bf16(const uint8_t *blocks, float *out, int n);

void decode_q1_0(const uint8_t *blocks, float *out, int n);
void decode_q2_0(const uint8_t *blocks, float *out, int n);
void decode_q4_0(const uint8_t *blocks, float *out, int n);
void decode_q4_1(const uint8_t *blocks, float *out, int n);
void decode_q5_0(const uint8_t *blocks, float *out, int n);
void decode_q5_1(const uint8_t *blocks, float *out, int n);
void decode_q8_0(const uint8_t *blocks, float *out, int n);

void decode_q2_k(const uint8_t *blocks, float *out, int n);
void decode_q3_k(const uint8_t *blocks, float *out, int n);
void decode_q4_k(const uint8_t *blocks, float *out, int n);
void decode_q5_k(const uint8_t *blocks, float *out, int n);
void decode_q6_k(const uint8_t *blocks, float *out, int n);

void decode_tq1_0(const uint8_t *blocks, float *out, int n);
void decode_tq2_0(const uint8_t *blocks, float *out, int n);
void decode_mxfp4(const uint8_t *blocks, float *out, int n);
void decode_nvfp4(const uint8_t *blocks, float *out, int n);
void decode_iq4_nl(const uint8_t *blocks, float *out, int n);
void decode_iq4_xs(const uint8_t *blocks, float *out, int n);

void decode_iq1_s(const uint8_t *blocks, float *out, int n);
void decode_iq1_m(const uint8_t *blocks, float *out, int n);
void decode_iq2_xxs(const uint8_t *blocks, float *out, int n);
void decode_iq2_xs(const uint8_t *blocks, float *out, int n);
void decode_iq2_s(const uint8_t *blocks, float *out, int n);
void decode_iq3_xxs(const uint8_t *blocks, float *out, int n);
void decode_iq3_s(const uint8_t *blocks, float *out, int n);

#endif
