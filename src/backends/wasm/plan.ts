import type { Profile } from "../../core/api.ts";
import { WebggufError } from "../../core/errors.ts";
import type { Graph, ValueId } from "../../core/graph.ts";
import type { TensorInfo } from "../../core/source.ts";
import { CODEBOOKS } from "../../quant/codebooks/index.ts";
import type { CompileOptions, Plan, PlanMemory, RunRequest } from "../backend.ts";
import { checkRequest, vocabularyOf } from "../graph-utils/check-request.ts";
import { fuse } from "../graph-utils/fuse.ts";
import { fillRotation } from "../graph-utils/rotation.ts";
import { emitProgram, programBytes } from "./emit.ts";
import { type Layout, layOutMemory } from "./layout.ts";
import { loadTensor } from "./loader.ts";
import { macrotask } from "./macrotask.ts";
import { type Build, instantiate, makeMemory, type WasmExports } from "./module.ts";
import { clockResolution, medianProfile, type ProgramStep, profileOf, programSteps, timesBytes } from "./profile.ts";
import { writeControl } from "./records.ts";
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
  readonly narrowDot: boolean;
}

/** The memory, the program in it and the threads on it: all of one model, gone with `close`. */
export class WasmPlan implements Plan {
  readonly memory: PlanMemory;
  readonly #graph: Graph;
  readonly #options: CompileOptions;
  readonly #layout: Layout;
  readonly #vocabulary: number;
  readonly #missing: Set<string>;
  readonly #weightIds: ReadonlyMap<string, ValueId>;
  readonly #steps: readonly ProgramStep[];
  readonly #threads: number;
  #owned: { exports: WasmExports; buffer: ArrayBufferLike; threads: Threads } | undefined;
  #control = 0;
  #running = false;
  #lastPause = 0;

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
    const plan = new WasmPlan(graph, options, layout, exports, memory, described, setup.threads);
    const view = new DataView(memory.buffer);
    const stepCount = emitProgram(view, graph, steps, layout, options);
    const { threadsAt, thread } = layout;
    writeControl(view, plan.#control, {
      threads: setup.threads,
      dot_kind: Number(setup.narrowDot),
      program: layout.programAt,
      steps: stepCount,
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
    threads: number,
  ) {
    this.#graph = graph;
    this.#options = options;
    this.#layout = layout;
    this.#vocabulary = vocabularyOf(graph);
    this.#owned = { exports, buffer: memory.buffer, threads: new Threads() };
    this.#control = exports.control_address();
    this.#steps = steps;
    this.#threads = threads;
    this.memory = layout.memory;
    this.#weightIds = new Map(graph.values.flatMap((v, id) => (v.kind === "weight" ? [[v.name, id]] : [])));
    this.#missing = new Set(this.#weightIds.keys());
  }

  async load(tensor: TensorInfo, options: { onBytes?: (bytes: number) => void; signal?: AbortSignal }): Promise<void> {
    const { exports, buffer } = this.#open();
    const id = this.#weightIds.get(tensor.name);
    if (id === undefined)
      throw new WebggufError("invalid-argument", `The model has no use for tensor "${tensor.name}".`);
    const target = { bytes: new Uint8Array(buffer), exports, layout: this.#layout };
    await loadTensor(target, this.#layout.weights.get(id)!, tensor, options);
    this.#missing.delete(tensor.name);
  }

  async run(request: RunRequest): Promise<Float32Array[]> {
    const { exports, buffer } = this.#open();
    this.#begin(request);
    try {
      this.#prepare(buffer, request);
      await this.#pauseIfDue(request.signal);
      exports.begin();
      await this.#finish(exports, request.signal);
    } finally {
      this.#running = false;
    }
    const value = this.#graph.values[this.#graph.output];
    const width = value.kind === "activation" ? value.width : 0;
    const at = this.#layout.arenaAt + this.#layout.arena.offsets.get(this.#graph.output)!;
    const perToken = value.kind === "activation" && value.rows === "tokens";
    return request.outputs.map((token, i) => new Float32Array(buffer, at + (perToken ? token : i) * width * 4, width));
  }

  /** Runs in turn with and without timers; the record of the run that took the median time. See `Plan.profile`. */
  async profile(request: RunRequest, repetitions: number): Promise<Profile> {
    const { exports, buffer } = this.#open();
    this.#begin(request);
    const clock = { resolution: clockResolution(), threads: this.#threads };
    const plain: number[] = [];
    const profiles: Profile[] = [];
    try {
      // The first round is not counted.
      for (let i = -1; i < repetitions; i++) {
        const untimed = await this.#timed(exports, buffer, request, 0);
        const timed = await this.#timed(exports, buffer, request, this.#layout.timesAt);
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
  async #timed(exports: WasmExports, buffer: ArrayBufferLike, request: RunRequest, times: number) {
    await this.#pauseIfDue(request.signal);
    if (times) new Uint8Array(buffer, times, timesBytes(this.#steps.length, this.#threads)).fill(0);
    writeControl(new DataView(buffer), this.#control, { times });
    const start = performance.now();
    this.#prepare(buffer, request);
    exports.begin();
    await this.#finish(exports, request.signal);
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
    if (this.#running) throw new WebggufError("busy", "The plan is running; wait for it or stop it.");
    checkRequest(request, this.#options, this.#vocabulary);
    this.#running = true;
  }

  async close(): Promise<void> {
    if (!this.#running) this.#owned?.exports.dismiss?.();
    this.#owned?.threads.close();
    this.#owned = undefined;
  }

  /** Works in slices; between them messages are heard, such as the one that raises the signal. */
  async #finish(exports: WasmExports, signal: AbortSignal | undefined): Promise<void> {
    while (!exports.run(this.#lastPause + SLICE_MILLISECONDS)) {
      try {
        await this.#pauseIfDue(signal);
      } catch (error) {
        exports.cancel();
        throw error;
      }
    }
  }

  async #pauseIfDue(signal: AbortSignal | undefined): Promise<void> {
    if (performance.now() - this.#lastPause >= SLICE_MILLISECONDS) {
      await macrotask();
      this.#lastPause = performance.now();
    }
    if (!this.#owned) throw new WebggufError("closed", "The plan was closed during a run.");
    if (signal?.aborted) throw new WebggufError("aborted", "The run was stopped.");
  }

  #prepare(buffer: ArrayBufferLike, { tokens, position, outputs }: RunRequest): void {
    new Int32Array(buffer, this.#layout.tokensAt, tokens.length).set(tokens);
    new Int32Array(buffer, this.#layout.outputsAt, outputs.length).set(outputs);
    for (const { params, divisors, at } of this.#layout.ropeTables) {
      const table = new Float32Array(buffer, at, tokens.length * params.rotaryDims);
      fillRotation(table, params, this.#floats(buffer, divisors), position, tokens.length);
    }
    writeControl(new DataView(buffer), this.#control, {
      token_count: tokens.length,
      output_count: outputs.length,
      position,
    });
  }

  #floats(buffer: ArrayBufferLike, id: ValueId | undefined): Float32Array | undefined {
    const place = id === undefined ? undefined : this.#layout.weights.get(id);
    return place && new Float32Array(buffer, this.#layout.weightsAt + place.offset, place.rowLength);
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

  #open(): { exports: WasmExports; buffer: ArrayBufferLike; threads: Threads } {
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
