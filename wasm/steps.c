#include "steps.h"
#include "rows.h"

int step_chunks(const int64_t *step) {
  switch (step[0]) {
    case STEP_ROWS: return domain_rows(((const struct rows_record *)step)->domain);
    case STEP_QUANTIZE: return quantize_chunks((const struct quantize_record *)step);
    case STEP_MATMUL: return matmul_chunks((const struct matmul_record *)step);
    case STEP_EXPERT_MATMUL: return expert_matmul_chunks((const struct expert_matmul_record *)step);
    case STEP_ATTENTION: return attention_chunks((const struct attention_record *)step);
    case STEP_ATTENTION_MERGE: return attention_merge_chunks((const struct attention_merge_record *)step);
    case STEP_CEILING: return ceiling_chunks((const struct ceiling_record *)step);
    case STEP_PACK: return pack_chunks((const struct pack_record *)step);
  }
  return 0;
}

// Row operations that follow each other on the same row need no step between them: one chunk does them all for its row.
static void rows_run(const struct rows_record *r, int row) {
  const int64_t *op = (const int64_t *)(r + 1);
  for (int i = 0; i < r->op_count; i++, op += op[1]) row_op(op, row);
}

void step_run(const int64_t *step, uint64_t serial, int chunk, struct thread *thread) {
  // Numbers below 2^20 may be added to it, to tell the parts of a step apart.
  serial <<= 20;
  switch (step[0]) {
    case STEP_ROWS: return rows_run((const struct rows_record *)step, chunk);
    case STEP_QUANTIZE: return quantize_run((const struct quantize_record *)step, chunk, thread);
    case STEP_MATMUL: return matmul_run((const struct matmul_record *)step, serial, chunk, thread);
    case STEP_EXPERT_MATMUL: return expert_matmul_run((const struct expert_matmul_record *)step, serial, chunk, thread);
    case STEP_ATTENTION: return attention_run((const struct attention_record *)step, chunk, thread);
    case STEP_ATTENTION_MERGE: return attention_merge_run((const struct attention_merge_record *)step, chunk);
    case STEP_CEILING: return ceiling_run((const struct ceiling_record *)step, chunk, thread);
    case STEP_PACK: return pack_run((const struct pack_record *)step, chunk);
  }
}
