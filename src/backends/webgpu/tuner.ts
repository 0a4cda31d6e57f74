import { isWebggufError, throwIfAborted } from "../../core/errors.ts";
import type { BoundDispatch, Gpu } from "./gpu.ts";
import type { Dispatch, Variants } from "./kernel.ts";
import { type MatmulTuning, type MatvecTuning, matmul, matvec, type Product } from "./kernels/matmul.ts";
import type { AdapterMemory } from "./memory.ts";
import { PassClock } from "./profile.ts";
import { Scratch } from "./scratch.ts";
import type { Trust } from "./trust.ts";
import { MATMUL_CANDIDATES, MATVEC_CANDIDATES, matmulClass, matvecClass, type Tuning } from "./tuning.ts";
import { orStopped } from "./waiting.ts";

type Sizes = MatvecTuning | MatmulTuning;

/** Products of one class that a plan has, and the sizes to try on them. */
interface Class {
  readonly key: string;
  readonly preset: Sizes;
  readonly candidates: readonly Sizes[];
  /** Rows of x to time them with. */
  readonly rows: number;
  /** Weights to time them with, at most; beyond the first product. */
  readonly bytes: number;
  readonly calls: { readonly product: Product; make(sizes: Sizes): readonly Dispatch[] }[];
}

export interface TuningRun {
  readonly gpu: Gpu;
  readonly trust: Trust;
  /** Most tokens of a run. */
  readonly batch: number;
  /** After so many milliseconds no class but the first is begun, and one that was is measured in a single round. */
  readonly budget: number;
  /** Makes the programs, by way of the tuner. */
  build(): void;
  /** Once raised, no more is measured, and `tune` rejects with `aborted` as soon as the device is at rest. */
  readonly signal?: AbortSignal;
}

/** A measurement takes so long at least: many times what clocks in browsers tell apart. */
const MEASURE_MILLISECONDS = 5;
const ROUNDS = 3;
/** Sizes that are better by less than this stay as they were: it may be chance. */
const WORTH_A_CHANGE = 0.97;
/** More weights than caches hold, so that matrices follow one another as in a model. */
const MATVEC_BYTES = 256 << 20;
const MATMUL_BYTES = 8 << 20;

/** Tile sizes measured on the adapter, and the presets where nothing has been measured. */
export class Tuner implements Tuning {
  readonly #presets: Tuning;
  readonly #memory: AdapterMemory;
  readonly #used = new Set<string>();
  /** While products are collected: how each was last asked for. */
  #asked: Map<Product, { readonly isMatvec: boolean; readonly variants: Variants }> | undefined;

  constructor(presets: Tuning, memory: AdapterMemory) {
    this.#presets = presets;
    this.#memory = memory;
  }

  /** Whether sizes that were measured are in use. */
  get isTuned(): boolean {
    return this.#used.size > 0;
  }

  matvec(product: Product, variants: Variants): MatvecTuning {
    this.#asked?.set(product, { isMatvec: true, variants });
    return this.#known(matvecClass(product), MATVEC_CANDIDATES) ?? this.#presets.matvec(product, variants);
  }

  matmul(product: Product, variants: Variants): MatmulTuning {
    this.#asked?.set(product, { isMatvec: false, variants });
    return this.#known(matmulClass(product, variants), MATMUL_CANDIDATES) ?? this.#presets.matmul(product, variants);
  }

  /** Measures what the programs ask for and nothing is known of, the classes with most weights first, and remembers it. */
  async tune(run: TuningRun): Promise<void> {
    const end = performance.now() + run.budget;
    const isLate = () => performance.now() >= end;
    const made: GPUBuffer[] = [];
    // One dispatch after another is timed, so that all share what lies between the parts of one.
    const scratch = new Scratch((bytes) => {
      const buffer = run.gpu.storage(bytes, "tuning");
      made.push(buffer);
      return buffer;
    });
    let isNews = false;
    try {
      for (const one of this.#collect(run, scratch)) {
        if (isNews && isLate()) break;
        throwIfAborted(run.signal);
        this.#memory.setTuned(one.key, { ...(await fastest(one, run, isLate)) });
        isNews = true;
      }
    } finally {
      for (const buffer of made) buffer.destroy();
    }
    if (isNews) await this.#memory.save();
  }

  /** What is remembered, if it is one of the sizes that there are. */
  #known<S extends Sizes>(key: string, candidates: readonly S[]): S | undefined {
    const found = this.#memory.tuned(key);
    const sizes = found && candidates.find((candidate) => isSame(candidate, found));
    if (sizes) this.#used.add(key);
    return sizes;
  }

  #collect({ batch, build }: TuningRun, scratch: Scratch): Class[] {
    const asked = new Map<Product, { readonly isMatvec: boolean; readonly variants: Variants }>();
    this.#asked = asked;
    build();
    this.#asked = undefined;
    const tools = { batch, scratch: (bytes: number, label: string) => scratch.take(bytes, label) };
    const classes = new Map<string, Class>();
    for (const [product, { isMatvec, variants }] of asked) {
      // Few rows are wanted of the last product: its prompt form is no work.
      if (!isMatvec && product.rowsWord === 2) continue;
      const key = isMatvec ? matvecClass(product) : matmulClass(product, variants);
      if (this.#memory.tuned(key)) continue;
      const one = classes.get(key) ?? {
        key,
        preset: isMatvec ? this.#presets.matvec(product, variants) : this.#presets.matmul(product, variants),
        candidates: isMatvec ? MATVEC_CANDIDATES : MATMUL_CANDIDATES,
        rows: isMatvec ? 1 : batch,
        bytes: isMatvec ? MATVEC_BYTES : MATMUL_BYTES,
        calls: [],
      };
      classes.set(key, one);
      const make = (sizes: Sizes) => {
        scratch.nextStep();
        return isMatvec
          ? [matvec(product, variants, sizes as MatvecTuning)]
          : matmul(product, variants, tools, sizes as MatmulTuning);
      };
      one.calls.push({ product, make });
    }
    const weights = ({ calls }: Class) => calls.reduce((sum, { product }) => sum + bytesOf(product), 0);
    return [...classes.values()].sort((a, b) => weights(b) - weights(a));
  }
}

/** The fastest sizes whose kernels are right, if by more than chance faster than the preset. */
async function fastest(one: Class, { gpu, trust, signal }: TuningRun, isLate: () => boolean): Promise<Sizes> {
  let bytes = 0;
  const calls = one.calls.filter(({ product }, i) => {
    bytes += bytesOf(product);
    return i === 0 || bytes <= one.bytes;
  });
  for (const { product } of calls) gpu.device.queue.writeBuffer(product.step, 0, Uint32Array.of(0, one.rows, 0, 0));
  const tried = [one.preset, ...one.candidates.filter((candidate) => !isSame(candidate, one.preset))];
  const compiled = tried.map((sizes) =>
    bound(
      gpu,
      calls.flatMap(({ make }) => make(sizes)),
    ),
  );
  const programs = await orStopped(gpu, Promise.all(compiled), signal);
  const entries = tried.flatMap((sizes, i) => {
    const program = programs[i];
    return program ? [{ sizes, program, times: [] as number[] }] : [];
  });
  const clock = new Stopwatch(gpu);
  try {
    // The first run is slower than those that follow: memory is made ready, the clock rises.
    await clock.time(entries[0].program, one.rows, 1);
    const once = await clock.time(entries[0].program, one.rows, 1);
    const times = Math.min(1000, Math.max(1, Math.ceil(MEASURE_MILLISECONDS / Math.max(once, 1e-3))));
    for (let round = 0; round < ROUNDS && (round === 0 || !isLate()); round++) {
      for (const entry of entries) {
        throwIfAborted(signal);
        entry.times.push(await clock.time(entry.program, one.rows, times));
      }
    }
  } finally {
    clock.close();
  }
  // Weights that are written meanwhile make a round slower, never faster.
  const timeOf = ({ times }: { times: readonly number[] }) => Math.min(...times);
  const limit = timeOf(entries[0]) * WORTH_A_CHANGE;
  const better = entries.slice(1).filter((entry) => timeOf(entry) < limit);
  for (const { sizes } of better.sort((a, b) => timeOf(a) - timeOf(b))) {
    const kernels = calls.flatMap(({ make }) => make(sizes)).map(({ kernel }) => kernel);
    if (await orStopped(gpu, trust.check(kernels), signal)) return sizes;
  }
  return one.preset;
}

/** Dispatches ready to run, or undefined where one does not compile, such as for want of workgroup memory. */
async function bound(gpu: Gpu, dispatches: readonly Dispatch[]): Promise<readonly BoundDispatch[] | undefined> {
  try {
    return await Promise.all(dispatches.map((dispatch) => gpu.bind(dispatch)));
  } catch (error) {
    if (isWebggufError(error, "internal")) return undefined;
    throw error;
  }
}

/** Times passes by timestamps where there are any, otherwise from the submit to the end of the work. */
export class Stopwatch {
  readonly #gpu: Gpu;
  readonly #clock: PassClock | undefined;

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
    this.#clock = gpu.hasTimestamps ? new PassClock(gpu.device, 1) : undefined;
  }

  /** Milliseconds of `times` runs of the program in one pass. */
  async time(program: readonly BoundDispatch[], rows: number, times: number): Promise<number> {
    const pass = Array.from({ length: times }, () => program.map((dispatch) => ({ bound: dispatch, rows }))).flat();
    if (this.#clock) {
      const [begin, end] = await this.#clock.time(this.#gpu, [pass]);
      return (end - begin) / 1e6;
    }
    const { device } = this.#gpu;
    const encoder = device.createCommandEncoder();
    const encoding = encoder.beginComputePass();
    for (const { bound: dispatch } of pass) this.#gpu.encode(encoding, dispatch, rows);
    encoding.end();
    const commands = encoder.finish();
    const start = performance.now();
    device.queue.submit([commands]);
    await device.queue.onSubmittedWorkDone();
    return performance.now() - start;
  }

  close(): void {
    this.#clock?.close();
  }
}

const bytesOf = ({ matrices }: Product): number => matrices.reduce((sum, { buffer }) => sum + buffer.size, 0);

const isSame = (a: Sizes, b: object): boolean =>
  Object.entries(a).every(([name, value]) => Reflect.get(b, name) === value);
