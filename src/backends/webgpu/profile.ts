import type { Profile } from "../../core/api.ts";
import { byteLength } from "../../core/dtype.ts";
import { throwIfAborted, WebggufError } from "../../core/errors.ts";
import type { BoundDispatch, Gpu } from "./gpu.ts";
import type { Dispatch } from "./kernel.ts";
import type { Placed } from "./weights.ts";

/** A dispatch to be timed. */
export interface Timed {
  readonly bound: BoundDispatch;
  /** Rows that it is for. */
  readonly rows: number;
  readonly bytes?: number;
}

export interface TimingRun {
  readonly repetitions: number;
  readonly signal?: AbortSignal;
  /** Queues what the dispatches want to find; called before each time they run. */
  prepare(): void;
}

/** Query sets hold 4096 timestamps: those of so many passes. */
const PASSES_OF_SET = 2048;
const TIMESTAMP_BYTES = 8;
const QUERY_RESOLVE = 0x200;
const COPY_SRC = 0x4;
const COPY_DST = 0x8;
const MAP_READ = 0x1;
/** With a clock coarser than this, single differences say little and the mean of many is right; else the median is. */
const COARSE_NANOSECONDS = 5000;

/**
 * Times dispatches, each in a pass of its own between two timestamps, and in turn all of them in one pass, as they run
 * otherwise. Throws `device-unavailable` where there are no timestamps.
 */
export async function timeDispatches(
  gpu: Gpu,
  all: readonly Timed[],
  { repetitions, signal, prepare }: TimingRun,
): Promise<Omit<Profile, "tokens" | "contextDepth">> {
  if (!gpu.hasTimestamps) {
    throw new WebggufError(
      "device-unavailable",
      "This GPU or browser has no timestamp queries, so nothing can be said about single kernels. Profile on the CPU path.",
    );
  }
  const timed = all.filter(({ bound, rows }) => bound.dispatch.workgroups(rows).every((n) => n > 0));
  const apart = timed.map((one) => [one]);
  const clock = new PassClock(gpu.device, timed.length);
  const rounds: Round[] = [];
  try {
    // The first round is not counted.
    for (let i = -1; i < repetitions; i++) {
      throwIfAborted(signal);
      prepare();
      const plain = await clock.time(gpu, [timed]);
      prepare();
      const round = { plain, apart: await clock.time(gpu, apart) };
      if (i >= 0) rounds.push(round);
    }
  } finally {
    clock.close();
  }
  return summarized(timed, rounds);
}

/** Beginning and end of each pass in nanoseconds: of the one that has all dispatches, and of those that have one each. */
export interface Round {
  readonly plain: readonly number[];
  readonly apart: readonly number[];
}

/** Rounds over the same dispatches as one profile. */
export function summarized(
  timed: readonly { readonly bound: Pick<BoundDispatch, "dispatch">; readonly bytes?: number }[],
  rounds: readonly Round[],
): Omit<Profile, "tokens" | "contextDepth"> {
  const resolution = rounds.flatMap((r) => [...r.plain, ...r.apart]).reduce(gcd, 0);
  const middle = resolution > COARSE_NANOSECONDS ? mean : median;
  const micro = (of: (apart: readonly number[]) => number) => middle(rounds.map((r) => of(r.apart))) / 1000;
  return {
    repetitions: rounds.length,
    wallMicroseconds: micro((t) => t[t.length - 1] - t[0]),
    plainMicroseconds: middle(rounds.map(({ plain }) => plain[1] - plain[0])) / 1000,
    resolutionMicroseconds: resolution / 1000,
    threads: 0,
    steps: timed.map(({ bound: { dispatch }, bytes }, i) => ({
      label: dispatch.label,
      op: kernelName(dispatch),
      startMicroseconds: micro((t) => t[2 * i] - t[0]),
      microseconds: micro((t) => t[2 * i + 1] - t[2 * i]),
      ...(bytes !== undefined && { bytes }),
    })),
  };
}

/** Timestamps around passes, and the buffers that they come back through. */
export class PassClock {
  readonly #sets: readonly GPUQuerySet[];
  readonly #resolved: GPUBuffer;
  readonly #readback: GPUBuffer;
  readonly #device: GPUDevice;

  constructor(device: GPUDevice, passes: number) {
    this.#device = device;
    const count = (set: number) => 2 * Math.min(PASSES_OF_SET, passes - set * PASSES_OF_SET);
    this.#sets = Array.from({ length: Math.ceil(passes / PASSES_OF_SET) }, (_, set) =>
      device.createQuerySet({ type: "timestamp", count: count(set) }),
    );
    const size = Math.max(1, passes) * 2 * TIMESTAMP_BYTES;
    this.#resolved = device.createBuffer({ label: "timestamps", size, usage: QUERY_RESOLVE | COPY_SRC });
    this.#readback = device.createBuffer({ label: "timestamps", size, usage: MAP_READ | COPY_DST });
  }

  /** Beginning and end of each pass in nanoseconds, from the first beginning on. */
  async time(gpu: Gpu, passes: readonly (readonly Timed[])[]): Promise<number[]> {
    const encoder = this.#device.createCommandEncoder();
    passes.forEach((timed, i) => {
      const querySet = this.#sets[Math.floor(i / PASSES_OF_SET)];
      const at = 2 * (i % PASSES_OF_SET);
      const timestampWrites = { querySet, beginningOfPassWriteIndex: at, endOfPassWriteIndex: at + 1 };
      const pass = encoder.beginComputePass({ timestampWrites });
      for (const { bound, rows } of timed) gpu.encode(pass, bound, rows);
      pass.end();
    });
    for (let done = 0, set = 0; done < passes.length; done += PASSES_OF_SET, set++) {
      const count = 2 * Math.min(PASSES_OF_SET, passes.length - done);
      encoder.resolveQuerySet(this.#sets[set], 0, count, this.#resolved, done * 2 * TIMESTAMP_BYTES);
    }
    const bytes = passes.length * 2 * TIMESTAMP_BYTES;
    encoder.copyBufferToBuffer(this.#resolved, 0, this.#readback, 0, bytes);
    this.#device.queue.submit([encoder.finish()]);
    await this.#readback.mapAsync(MAP_READ, 0, bytes);
    const stamps = new BigUint64Array(this.#readback.getMappedRange(0, bytes).slice(0));
    this.#readback.unmap();
    return Array.from(stamps, (stamp) => Number(stamp - stamps[0]));
  }

  close(): void {
    for (const set of this.#sets) set.destroy();
    this.#resolved.destroy();
    this.#readback.destroy();
  }
}

/** Bytes that dispatches have to read of a buffer: of a matrix once, of a cache for each position. */
export type Reads = ReadonlyMap<GPUBuffer, { readonly once?: number; readonly perPosition?: number }>;

export function readsOf(
  { places }: Placed,
  caches: readonly { readonly buffer: GPUBuffer; readonly perPosition: number }[],
): Reads {
  const reads = new Map<GPUBuffer, { once?: number; perPosition?: number }>();
  for (const place of places.values()) {
    if (place.kind !== "matrix") continue;
    for (const { matrix } of place.parts)
      reads.set(matrix.buffer, { once: byteLength(matrix.dtype, matrix.width * matrix.rows) });
  }
  for (const { buffer, perPosition } of caches) reads.set(buffer, { perPosition });
  return reads;
}

const READERS = /^ops\/(matvec|matmul|attention_decode)\.wgsl$/;

/** Bytes that a dispatch has to read of weights and, for the token after `position` others, of the cache. */
export function bytesRead({ kernel, buffers }: Dispatch, reads: Reads, position: number): number | undefined {
  if (!READERS.test(kernel.file)) return undefined;
  const visible = Math.min(position + 1, kernel.constants.window || Number.POSITIVE_INFINITY);
  let bytes = 0;
  for (const buffer of new Set(buffers)) {
    const { once = 0, perPosition = 0 } = reads.get(buffer) ?? {};
    bytes += once + perPosition * visible;
  }
  return bytes;
}

const kernelName = ({ kernel }: Dispatch): string =>
  [kernel.file.replace(/^.*\/|\.wgsl$/g, ""), [...new Set(kernel.weights)].join("+")].filter(Boolean).join(" ");

const gcd = (a: number, b: number): number => {
  let [x, y] = [a, b];
  while (y) [x, y] = [y, x % y];
  return x;
};

const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};
