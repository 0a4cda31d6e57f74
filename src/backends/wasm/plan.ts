import type { DotKinds, Profile } from "../../core/api.ts";
import { WebggufError } from "../../core/errors.ts";
import type { Graph, ValueId } from "../../core/graph.ts";
import { lastTaskTime, nextTask } from "../../core/next-task.ts";
import type { TensorInfo } from "../../core/source.ts";
import { CODEBOOKS } from "../../quant/codebooks/index.ts";
import type { CompileOptions, Plan, PlanMemory, RunRequest } from "../backend.ts";
import { checkRequest, vocabularyOf } from "../graph-utils/check-request.ts";
import { fuse } from "../graph-utils/fuse.ts";
import { checkTensor, loadSlices } from "../graph-utils/slices.ts";
import { emitProgram, programBytes } from "./emit.ts";
import { type Layout, layOutMemory } from "./layout.ts";
import { slicesOf } from "./loader.ts";
import { type Build, instantiate, makeMemory, type WasmExports } from "./module.ts";
import { controlOf, type DotChoice } from "./probe.ts";
import { clockResolution, medianProfile, type ProgramStep, profileOf, programSteps, timesBytes } from "./profile.ts";
import { type RecordData, writeControl, writeRecord } from "./records.ts";
import { RunViews } from "./run-views.ts";
import { Threads } from "./threads.ts";

const PAGE = 65536;
/** What memories with addresses of 32 and of 64 bits can have. */
const MOST_BYTES = 2 ** 32;
const MOST_WIDE_BYTES = 2 ** 34;
/** Below this address the module has its own data and thread 0's stack. */
const MODULE_BYTES = 512 << 10;
/** How long JavaScript stays away from its messages while a run is going on. */
const SLICE_MILLISECONDS = 30;

export interface PlanSetup {
  readonly usual: Build;
  /** For models that do not fit 4 GiB; absent where the machine cannot have more. */
  readonly wide?: () => Promise<Build>;
  readonly threads: number;
  /** Which kernels run; may change between two runs. */
  readonly dots: DotChoice;
}

interface Owned {
  readonly exports: WasmExports;
  readonly buffer: ArrayBufferLike;
  readonly views: RunViews;
  readonly threads: Threads;
}

/** The memory, the program in it and the threads on it: all of one model, gone with `close`. */
export class WasmPlan implements Plan {
  readonly memory: PlanMemory;
  readonly #options: CompileOptions;
  readonly #layout: Layout;
  readonly #vocabulary: number;
  readonly #missing: Set<string>;
  readonly #weightIds: ReadonlyMap<string, ValueId>;
  readonly #steps: readonly ProgramStep[];
  readonly #threads: number;
  readonly #dots: DotChoice;
  /** What the control says of them. */
  #kinds: DotKinds;
  #owned: Owned | undefined;
  #control = 0;
  #stepCount = 0;
  #running = false;

  static async create(graph: Graph, options: CompileOptions, setup: PlanSetup): Promise<WasmPlan> {
    const steps = fuse(graph);
    const described = programSteps(graph, steps, options.cacheType);
    const layout = layOutMemory(graph, steps, options, {
      base: MODULE_BYTES,
      threads: setup.threads,
      programBytes: programBytes(steps),
      timesBytes: timesBytes(described.length, setup.threads),
    });
    const build = layout.end > MOST_BYTES && setup.wide ? await setup.wide() : setup.usual;
    const memory = newMemory(layout, build);
    const exports = await instantiate(build, memory);
    if (Number(exports.__heap_base.value) > MODULE_BYTES)
      throw new WebggufError("internal", "The module outgrew its place.");
    const plan = new WasmPlan(graph, options, layout, exports, memory, described, setup);
    const view = new DataView(memory.buffer);
    plan.#stepCount = emitProgram(view, graph, steps, layout, {
      ...options,
      wholeBytes: setup.dots.current.full !== "none",
    });
    const { threadsAt, thread } = layout;
    writeControl(view, plan.#control, {
      threads: setup.threads,
      ...controlOf(setup.dots.current),
      program: layout.programAt,
      steps: plan.#stepCount,
      tokens: layout.tokensAt,
      outputs: layout.outputsAt,
      thread_areas: threadsAt,
      thread_area_bytes: thread.bytes,
      thread_row_bytes: thread.rowBytes,
      thread_act_bytes: thread.actBytes,
      tile_bytes: thread.tileBytes,
      times: 0,
    });
    plan.#writeCodebooks();
    const stackOf = (helper: number) => threadsAt + (helper + 1) * thread.bytes;
    const stacks = Array.from({ length: setup.threads - 1 }, (_, i) => stackOf(i + 1));
    try {
      await plan.#open().threads.start(build, memory, stacks);
    } catch (error) {
      await plan.close();
      throw error;
    }
    return plan;
  }

  private constructor(
    graph: Graph,
    options: CompileOptions,
    layout: Layout,
    exports: WasmExports,
    memory: WebAssembly.Memory,
    steps: readonly ProgramStep[],
    { threads, dots }: PlanSetup,
  ) {
    this.#options = options;
    this.#layout = layout;
    this.#vocabulary = vocabularyOf(graph);
    this.#control = exports.control_address();
    const { buffer } = memory;
    const views = new RunViews(buffer, this.#control, graph, layout, options);
    this.#owned = { exports, buffer, views, threads: new Threads() };
    this.#steps = steps;
    this.#threads = threads;
    this.#dots = dots;
    this.#kinds = dots.current;
    this.memory = layout.memory;
    this.#weightIds = new Map(graph.values.flatMap((v, id) => (v.kind === "weight" ? [[v.name, id]] : [])));
    this.#missing = new Set(this.#weightIds.keys());
  }

  async load(
    tensors: readonly TensorInfo[],
    options: { onBytes?: (bytes: number) => void; signal?: AbortSignal },
  ): Promise<void> {
    const { buffer } = this.#open();
    const layout = this.#layout;
    let turn = 0;
    const target = {
      bytes: new Uint8Array(buffer),
      layout,
      staging: () => layout.staging[turn++ % 2],
      pack: (fields: RecordData["fields"]) => this.#pack(fields),
    };
    const sliced = tensors.map((tensor) => {
      const id = this.#weightIds.get(tensor.name);
      if (id === undefined)
        throw new WebggufError("invalid-argument", `The model has no use for tensor "${tensor.name}".`);
      const place = layout.weights.get(id)!;
      checkTensor(place.weight, tensor);
      const done = () => this.#missing.delete(tensor.name);
      return { tensor, slices: slicesOf(target, place, tensor.byteLength), done };
    });
    this.#take();
    const view = new DataView(buffer);
    const { packAt, programAt } = layout;
    view.setBigInt64(packAt, BigInt(packAt + 8), true);
    writeControl(view, this.#control, { program: packAt, steps: 1 });
    try {
      await loadSlices(sliced, options);
    } finally {
      this.#owned?.exports.run(Number.POSITIVE_INFINITY);
      writeControl(view, this.#control, { program: programAt, steps: this.#stepCount });
      this.#running = false;
    }
  }

  /**
   * Begins to pack a slice, once the one before is packed: helpers work on it while the next is read. A slice takes a few milliseconds,
   * so that nothing is heard meanwhile.
   */
  #pack(fields: RecordData["fields"]): void {
    const { exports, buffer } = this.#open();
    exports.run(Number.POSITIVE_INFINITY);
    writeRecord(new DataView(buffer), this.#layout.packAt + 8, { name: "pack", fields });
    exports.begin();
  }

  async run(request: RunRequest): Promise<Float32Array[]> {
    const { exports, views } = this.#open();
    this.#begin(request);
    try {
      views.prepare(request);
      const pause = this.#pauseIfDue(request.signal);
      if (pause) await pause;
      const rest = this.#start(exports, request.signal);
      if (rest) await rest;
    } finally {
      this.#running = false;
    }
    return views.results(request.outputs);
  }

  /** Runs in turn with and without timers; the record of the run that took the median time. See `Plan.profile`. */
  async profile(request: RunRequest, repetitions: number): Promise<Profile> {
    const owned = this.#open();
    const { buffer } = owned;
    this.#begin(request);
    const clock = { resolution: clockResolution(), threads: this.#threads };
    const plain: number[] = [];
    const profiles: Profile[] = [];
    try {
      // The first round is not counted.
      for (let i = -1; i < repetitions; i++) {
        const untimed = await this.#timed(owned, request, 0);
        const timed = await this.#timed(owned, request, this.#layout.timesAt);
        if (i < 0) continue;
        plain.push(untimed.end - untimed.start);
        const times = new Float64Array(buffer, this.#layout.timesAt, timesBytes(this.#steps.length, this.#threads) / 8);
        profiles.push(profileOf(this.#steps, times, { ...timed, ...clock, request }));
      }
    } finally {
      writeControl(new DataView(buffer), this.#control, { times: 0 });
      this.#running = false;
    }
    return medianProfile(profiles, plain);
  }

  /** A run whose threads write their times to `times`, unless that is 0; its beginning and end in milliseconds. */
  async #timed({ exports, buffer, views }: Owned, request: RunRequest, times: number) {
    await this.#pauseIfDue(request.signal);
    if (times) new Uint8Array(buffer, times, timesBytes(this.#steps.length, this.#threads)).fill(0);
    writeControl(new DataView(buffer), this.#control, { times });
    const start = performance.now();
    views.prepare(request);
    await this.#start(exports, request.signal);
    return { start, end: performance.now() };
  }

  /** Takes the plan for a run, or throws why it cannot have it. */
  #begin(request: RunRequest): void {
    if (this.#missing.size) {
      throw new WebggufError(
        "no-weights",
        `${this.#missing.size} weights are not loaded, such as "${[...this.#missing][0]}".`,
      );
    }
    checkRequest(request, this.#options, this.#vocabulary);
    this.#take();
    if (this.#kinds !== this.#dots.current) this.#choose(this.#dots.current);
  }

  #take(): void {
    if (this.#running) throw new WebggufError("busy", "The plan is running or loading; wait for it or stop it.");
    this.#running = true;
  }

  #choose(kinds: DotKinds): void {
    writeControl(new DataView(this.#open().buffer), this.#control, controlOf(kinds));
    this.#kinds = kinds;
  }

  async close(): Promise<void> {
    if (!this.#running) this.#owned?.exports.dismiss?.();
    this.#owned?.threads.close();
    this.#owned = undefined;
  }

  /** Begins a run; what is left of it where it takes longer than a slice. */
  #start(exports: WasmExports, signal: AbortSignal | undefined): Promise<void> | undefined {
    exports.begin();
    return exports.run(lastTaskTime() + SLICE_MILLISECONDS) ? undefined : this.#finish(exports, signal);
  }

  /** Works in slices; between them messages are heard, such as the one that raises the signal. */
  async #finish(exports: WasmExports, signal: AbortSignal | undefined): Promise<void> {
    do {
      await nextTask();
      try {
        this.#check(signal);
      } catch (error) {
        exports.cancel();
        throw error;
      }
    } while (!exports.run(lastTaskTime() + SLICE_MILLISECONDS));
  }

  /** Throws where a run must not go on; a pause where it has gone on for long. */
  #pauseIfDue(signal: AbortSignal | undefined): Promise<void> | undefined {
    if (performance.now() - lastTaskTime() >= SLICE_MILLISECONDS) return this.#pause(signal);
    this.#check(signal);
    return undefined;
  }

  async #pause(signal: AbortSignal | undefined): Promise<void> {
    await nextTask();
    this.#check(signal);
  }

  #check(signal: AbortSignal | undefined): void {
    if (!this.#owned) throw new WebggufError("closed", "The plan was closed during a run.");
    if (signal?.aborted) throw new WebggufError("aborted", "The run was stopped.");
  }

  #writeCodebooks(): void {
    const { exports, buffer } = this.#open();
    let at = this.#layout.codebooksAt;
    CODEBOOKS.forEach((codebook, which) => {
      const table = codebook.bytes();
      new Uint8Array(buffer).set(table, at);
      exports.set_codebook(which, at);
      at += Math.ceil(table.length / 64) * 64;
    });
  }

  #open(): Owned {
    if (!this.#owned) throw new WebggufError("closed", "The plan has been closed; compile the graph again.");
    return this.#owned;
  }
}

function newMemory(layout: Layout, build: Build): WebAssembly.Memory {
  const { weights, kv, scratch } = layout.memory;
  const parts = `${megabytes(weights)} of weights, ${megabytes(kv)} of K/V cache and ${megabytes(scratch)} of working memory`;
  const most = build.wide ? MOST_WIDE_BYTES : MOST_BYTES;
  if (layout.end > most) {
    const where = build.wide ? "the CPU path can address" : "the CPU path can address in this browser";
    throw new WebggufError(
      "out-of-memory",
      `The model asks for ${parts}; ${where} ${megabytes(most)}. Use a smaller model or quantisation, or a shorter context.`,
    );
  }
  try {
    return makeMemory(build, Math.ceil(layout.end / PAGE));
  } catch (cause) {
    throw new WebggufError(
      "out-of-memory",
      `The browser did not give the memory that the model asks for: ${parts}. Close other tabs, or choose a shorter context or a smaller model.`,
      { cause },
    );
  }
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20).toLocaleString("en")} MB`;
}
