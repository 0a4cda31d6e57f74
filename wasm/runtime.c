// Threads without a barrier.
//
// A program is a list of steps; a step falls into chunks of some ten microseconds. One 64-bit word, the ticket, says
// which run, which step and which chunk of it is next: {run: 32, step: 12, chunk: 20}. A thread takes a chunk by raising
// the word with a compare-and-swap; whoever finishes the last chunk of a step turns the word to the next step. So a step
// waits for the chunks that were taken and for nobody else: a thread that the operating system has put aside between
// two chunks holds nothing up, and comes in again wherever the others are by then.
//
// A thread that finds nothing to take spins some tens of microseconds, then sleeps on the ticket's low half: waiting threads
// leave their core to whoever needs it.
//
// Thread 0 is JavaScript's: run() does chunks until the program is through or the deadline has passed. In the latter case
// it returns early while the others go on, JavaScript looks after its messages, and calls run() again.
#include "runtime.h"

#define STEP_END ((uint32_t)MOST_STEPS)

struct control_record control;

static uint64_t ticket = (uint64_t)STEP_END << CHUNK_BITS;
// Chunks of each step in this run, written before the ticket turns to it. There is one place for each: a thread that looks
// at the old ticket must not find the next step's number there and take a chunk that does not exist.
static int32_t step_totals[STEP_END];
static int32_t chunks_done;
#if THREADS
static int32_t sleepers;
#endif

__attribute__((import_module("env"), import_name("now"))) double now(void);

#if THREADS
#define LOAD(p) __atomic_load_n(p, __ATOMIC_SEQ_CST)
#define STORE(p, v) __atomic_store_n(p, v, __ATOMIC_SEQ_CST)
#define ADD(p, v) __atomic_fetch_add(p, v, __ATOMIC_SEQ_CST)
#define SWAP_IF(p, old, new) __atomic_compare_exchange_n(p, &(old), new, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)
#else
#define LOAD(p) (*(p))
#define STORE(p, v) (*(p) = (v))
#define ADD(p, v) ((*(p) += (v)) - (v))
#define SWAP_IF(p, old, new) (*(p) == (old) ? (*(p) = (new), 1) : 0)
#endif

#define SPINS 30000

INLINE uint32_t step_of(uint64_t t) { return (uint32_t)(t >> CHUNK_BITS) & 0xfff; }
INLINE int32_t chunk_of(uint64_t t) { return (int32_t)(t & ((1u << CHUNK_BITS) - 1)); }
INLINE uint64_t run_bits(uint64_t t) { return t & 0xffffffff00000000u; }

static void wake_all(void) {
#if THREADS
  if (LOAD(&sleepers)) __builtin_wasm_memory_atomic_notify((int *)&ticket, 0x7fffffff);
#endif
}

// A run that is profiled writes milliseconds to control.times: for each step when it could begin (0: it had nothing to do), then
// the end of the run; then for each step and thread the beginning of its first chunk, the end of its last, and their sum.
static void note_step(uint32_t step) { AT(double, control.times)[step] = now(); }

static __attribute__((noinline)) void timed_step_run(const int64_t *step, uint32_t number, uint64_t serial, int chunk, struct thread *thread) {
  double *spent = AT(double, control.times) + control.steps + 1 + 3 * (number * control.threads + thread->index);
  double start = now();
  step_run(step, serial, chunk, thread);
  double end = now();
  if (spent[0] == 0) spent[0] = start;
  spent[1] = end;
  spent[2] += end - start;
}

// Turns the ticket to the first step from `step` on that has chunks in this run, or to the end.
static void turn_to(uint64_t run, uint32_t step) {
  uint32_t count = (uint32_t)control.steps;
  const pointer64 *program = AT(const pointer64, control.program);
  int chunks = 0;
  for (; step < count; step++)
    if ((chunks = step_chunks(AT(const int64_t, program[step]))) > 0) break;
  if (step < count) STORE(&step_totals[step], chunks);
  STORE(&chunks_done, 0);
  if (control.times) note_step(step);
  STORE(&ticket, run | (uint64_t)(step < count ? step : STEP_END) << CHUNK_BITS);
  wake_all();
}

// Takes and does one chunk. False: nothing to take as of ticket `*seen`.
static int work(struct thread *thread, uint64_t *seen) {
  uint64_t t = LOAD(&ticket);
  *seen = t;
  uint32_t step = step_of(t);
  if (step == STEP_END) return 0;
  int32_t total = LOAD(&step_totals[step]);
  if (chunk_of(t) >= total) return 0;
  if (!SWAP_IF(&ticket, t, t + 1)) return 1;
  uint64_t serial = t >> CHUNK_BITS;
  const int64_t *record = AT(const int64_t, AT(const pointer64, control.program)[step]);
  if (control.times) timed_step_run(record, step, serial, chunk_of(t), thread);
  else step_run(record, serial, chunk_of(t), thread);
  if (ADD(&chunks_done, 1) == total - 1) turn_to(run_bits(t), step + 1);
  return 1;
}

// Waits until the ticket is no longer `seen`: spinning, then asleep for at most `nanoseconds` (-1: for ever).
static void wait_for_change(uint64_t seen, int64_t nanoseconds) {
#if THREADS
  for (int i = 0; i < SPINS; i++)
    if (LOAD(&ticket) != seen) return;
  ADD(&sleepers, 1);
  __builtin_wasm_memory_atomic_wait32((int *)&ticket, (int)(uint32_t)seen, nanoseconds);
  ADD(&sleepers, -1);
#else
  (void)seen, (void)nanoseconds;
#endif
}

static struct thread thread_of(int index) {
  uint8_t *area = AT(uint8_t, control.thread_areas) + index * control.thread_area_bytes;
  return (struct thread){index, 0, (float *)area, area + control.thread_row_bytes, area + control.thread_row_bytes + control.thread_act_bytes};
}

static struct thread main_thread;

// Starts a run of the program over what `control` says.
EXPORT(begin) void begin(void) {
  static uint32_t runs;
  main_thread = thread_of(0);
  turn_to((uint64_t)++runs << 32, 0);
}

// Chunks of one token between two looks at the clock: each makes JavaScript a number that it throws away. A wait may take as
// long as some chunks.
#define CLOCK_CHUNKS 32
#define WAIT_CHUNKS 8

// Works on the run until it is through (1) or performance.now() has passed `deadline` (0).
EXPORT(run) int run(double deadline) {
  int64_t unclocked = 0;
  for (;;) {
    uint64_t seen;
    if (!work(&main_thread, &seen)) {
      if (step_of(seen) == STEP_END) return 1;
      wait_for_change(seen, 5000000);
      unclocked += WAIT_CHUNKS;
    }
    unclocked += control.token_count;
    if (unclocked < CLOCK_CHUNKS) continue;
    unclocked = 0;
    if (now() > deadline) return step_of(LOAD(&ticket)) == STEP_END;
  }
}

// Gives the run up: nothing more is taken, chunks in flight are waited for.
EXPORT(cancel) void cancel(void) {
  uint64_t t = LOAD(&ticket);
  for (;;) {
    if (step_of(t) == STEP_END) return;
    if (chunk_of(t) >= LOAD(&step_totals[step_of(t)])) {  // the step's last chunks are in flight: their finisher turns the ticket
      wait_for_change(t, 1000000);
      t = LOAD(&ticket);
      continue;
    }
    // Leave no chunk to take, but the step unfinished, so that no finisher turns the ticket.
    if (SWAP_IF(&ticket, t, run_bits(t) | (uint64_t)STEP_END << CHUNK_BITS)) break;
    t = LOAD(&ticket);
  }
  while (LOAD(&chunks_done) < chunk_of(t)) {
  }
}

#if THREADS
static int32_t dismissed;

// The whole life of a helper thread.
EXPORT(serve) void serve(int index) {
  struct thread thread = thread_of(index);
  while (!LOAD(&dismissed)) {
    uint64_t seen;
    if (!work(&thread, &seen)) wait_for_change(seen, -1);
  }
}

// Ends the helper threads: one that sleeps cannot be ended from outside at once. No run may be under way.
EXPORT(dismiss) void dismiss(void) {
  STORE(&dismissed, 1);
  ADD(&ticket, 1);  // a chunk of no step: whoever is about to sleep on the ticket sees that it is another
  wake_all();
}
#endif

// Where JavaScript finds `control`.
EXPORT(control_address) struct control_record *control_address(void) { return &control; }
