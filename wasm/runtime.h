// The program and the threads that walk it. See runtime.c.
#pragma once
#include "base.h"
#include "records.h"

enum { DOMAIN_TOKENS = 0, DOMAIN_OUTPUTS = 1 };

// What the ticket has room for, see runtime.c. backends/wasm/emit.ts holds programs to it.
enum { MOST_STEPS = 0xfff, CHUNK_BITS = 20, MOST_CHUNKS = (1 << CHUNK_BITS) - 1 };

// What each thread has of its own.
struct thread {
  int index;
  // The step (and part of it) whose activations `act` holds; a step's number never returns, see runtime.c.
  uint64_t prepared;
  float *row;        // one row of the widest value
  uint8_t *act;      // one group of activations, one lane
  uint8_t *scratch;  // what a kernel needs: an unpacked strip and its products, or attention's tiles
};

// What JavaScript writes: once for a plan (program, threads), and before each run (tokens, position, counts).
extern struct control_record control;

INLINE int domain_rows(int64_t domain) {
  return (int)(domain == DOMAIN_OUTPUTS ? control.output_count : control.token_count);
}

// Every kind of step answers two questions: into how many chunks does it fall for this run, and do chunk c of it.
int step_chunks(const int64_t *step);
void step_run(const int64_t *step, uint64_t serial, int chunk, struct thread *thread);
