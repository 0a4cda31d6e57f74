import type { Ceilings } from "../../core/api.ts";
import { throwIfAborted } from "../../core/errors.ts";
import { nextTask } from "../../core/next-task.ts";
import { instantiate, makeMemory, type WasmExports } from "./module.ts";
import type { PlanSetup } from "./plan.ts";
import { controlOf } from "./probe.ts";
import { writeControl, writeRecord } from "./records.ts";
import { Threads } from "./threads.ts";

const PAGE = 65536;
/** Where the program, the threads' areas and the buffers lie; the module's own data end below. */
const PROGRAM_AT = 512 << 10;
const THREADS_AT = PROGRAM_AT + PAGE;
const THREAD_BYTES = 2 * PAGE;
/** Of what is read or written in one run: more than any cache holds. */
const BUFFER_BYTES = 96 << 20;
const COPY_CHUNK_BYTES = 512 << 10;
/** A run of arithmetic falls into so many chunks for each thread, of so many rounds. */
const CHUNKS_PER_THREAD = 64;
const ROUNDS = 20_000;
/** Sums side by side in wasm/ceiling.c, and the numbers in a vector. */
const CHAINS = 12;
const FLOATS = 4;
const BYTES = 16;
/** Runs before those that count: the browser compiles loops better once they have run. */
const WARMUPS = 3;

interface Loop {
  readonly kind: number;
  readonly chunks: number;
  readonly bytes: number;
  readonly rounds: number;
  /** Bytes or operations of a run. */
  readonly amount: number;
}

/** Runs wasm/ceiling.c on all threads; see `Ceilings`. */
export async function measureCeilings(
  { usual, threads, dots }: PlanSetup,
  repetitions: number,
  signal: AbortSignal | undefined,
): Promise<Ceilings> {
  const fromAt = THREADS_AT + threads * THREAD_BYTES;
  const toAt = fromAt + BUFFER_BYTES;
  const memory = makeMemory(usual, (toAt + BUFFER_BYTES) / PAGE);
  const exports = await instantiate(usual, memory);
  const view = new DataView(memory.buffer);
  const recordAt = PROGRAM_AT + 8;
  view.setBigInt64(PROGRAM_AT, BigInt(recordAt), true);
  writeControl(view, exports.control_address(), {
    threads,
    ...controlOf(dots.current),
    program: PROGRAM_AT,
    steps: 1,
    thread_areas: THREADS_AT,
    thread_area_bytes: THREAD_BYTES,
    thread_row_bytes: 64,
    thread_act_bytes: 64,
    tile_bytes: 64,
    times: 0,
  });
  // Pages that were never written are all the same one to the system.
  new Uint8Array(memory.buffer, fromAt, 2 * BUFFER_BYTES).fill(1);
  const helpers = new Threads();
  try {
    // The stack of each is the end of its area.
    const stacks = Array.from({ length: threads - 1 }, (_, i) => THREADS_AT + (i + 2) * THREAD_BYTES);
    await helpers.start(usual, memory, stacks);
    const rates = async ({ amount, ...loop }: Loop) => {
      const fields = { ...loop, from: fromAt, to: toAt };
      writeRecord(view, recordAt, { name: "ceiling", fields });
      const samples: number[] = [];
      for (let i = -WARMUPS; i < repetitions; i++) {
        await nextTask();
        throwIfAborted(signal);
        const milliseconds = timeRun(exports);
        if (i >= 0) samples.push(amount / milliseconds / 1e6);
      }
      return samples;
    };
    const chunks = BUFFER_BYTES / COPY_CHUNK_BYTES;
    const moving = { chunks, bytes: COPY_CHUNK_BYTES, rounds: 0 };
    const computing = { chunks: CHUNKS_PER_THREAD * threads, bytes: 0, rounds: ROUNDS };
    const operations = (numbers: number) => 2 * CHAINS * numbers * ROUNDS * computing.chunks;
    return {
      copy: await rates({ kind: 0, ...moving, amount: 2 * BUFFER_BYTES }),
      read: await rates({ kind: 1, ...moving, amount: BUFFER_BYTES }),
      float32: await rates({ kind: 2, ...computing, amount: operations(FLOATS) }),
      int8: await rates({ kind: 3, ...computing, amount: operations(BYTES) }),
    };
  } finally {
    exports.dismiss?.();
    helpers.close();
  }
}

/** Milliseconds of a run. It is short; nothing else is done meanwhile. */
function timeRun(exports: WasmExports): number {
  const start = performance.now();
  exports.begin();
  while (!exports.run(start + 60_000));
  return performance.now() - start;
}
