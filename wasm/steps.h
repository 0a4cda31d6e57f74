// The kinds of steps, each with its two functions.
#pragma once
#include "runtime.h"

int quantize_chunks(const struct quantize_record *q);
void quantize_run(const struct quantize_record *q, int chunk, struct thread *thread);
int matmul_chunks(const struct matmul_record *r);
void matmul_run(const struct matmul_record *r, uint64_t serial, int chunk, struct thread *thread);
// One token's part of `matmul`: it falls into so many pairs, of which it does those from `first` to `end`.
int matvec_pairs(const struct matmul_record *r);
void matvec_run(const struct matmul_record *r, uint64_t serial, int first, int end, struct thread *thread);
int expert_matmul_chunks(const struct expert_matmul_record *r);
void expert_matmul_run(const struct expert_matmul_record *r, uint64_t serial, int chunk, struct thread *thread);
int attention_chunks(const struct attention_record *r);
void attention_run(const struct attention_record *r, int chunk, struct thread *thread);
int attention_merge_chunks(const struct attention_merge_record *r);
void attention_merge_run(const struct attention_merge_record *r, int chunk);
int ceiling_chunks(const struct ceiling_record *r);
void ceiling_run(const struct ceiling_record *r, int chunk, struct thread *thread);
int pack_chunks(const struct pack_record *r);
void pack_run(const struct pack_record *r, int chunk);
