import type { DeviceCounters, Profile } from "../../core/api.ts";
import { throwIfAborted, WebggufError } from "../../core/errors.ts";
import type { Graph, RopeParams, ValueId } from "../../core/graph.ts";
import type { TensorInfo } from "../../core/source.ts";
import type { CompileOptions, DecodeRequest, Plan, PlanMemory, RunRequest } from "../backend.ts";
import { checkRequest, vocabularyOf } from "../graph-utils/check-request.ts";
import { DecodeLoop } from "./decode-loop.ts";
import { type BoundDispatch, deviceLost, type Gpu } from "./gpu.ts";
import { checkedToken, gpuCanSample, samplerKernels } from "./kernels/sampling.ts";
import { type Allocation, BufferLedger } from "./ledger.ts";
import { loadTensor } from "./loader.ts";
import { bytesRead, type Reads, readsOf, timeDispatches } from "./profile.ts";
import { buildProgram, type Task } from "./program.ts";
import { GpuSampler } from "./sampler.ts";
import { Scratch } from "./scratch.ts";
import { type Rotation, StepBuffer, stepLayout } from "./step-buffer.ts";
import { gpuSteps, rotationKey } from "./steps.ts";
import type { Make, Trust } from "./trust.ts";
import type { Tuner } from "./tuner.ts";
import { placeValues } from "./values.ts";
import type { View } from "./views.ts";
import { type Placed, placeWeights } from "./weights.ts";

/** A task with its pipeline and bindings, ready to be encoded. */
export interface BoundTask {
  readonly bound: BoundDispatch;
  readonly domain: Task["domain"];
}

/** Dispatches of a batch that are submitted together: between two submits a run can be stopped. */
const DISPATCHES_AT_ONCE = 24;

const CHOSEN_ELSEWHERE =
  "This graphics driver computes wrongly in the kernels that choose tokens, which are chosen on the CPU therefore.";

/** Buffers, bound dispatches and the device: all of one model, gone with `close`. */
export class WebgpuPlan implements Plan {
  readonly memory: PlanMemory;
  readonly notes: readonly string[];
  /** Dispatches of one decode step, in order. */
  readonly decodeTasks: readonly BoundTask[];
  readonly #gpu: Gpu;
  readonly #graph: Graph;
  readonly #options: CompileOptions;
  readonly #vocabulary: number;
  readonly #ledger: BufferLedger;
  readonly #weights: Placed;
  readonly #ids: ReadonlyMap<string, ValueId>;
  readonly #missing: Set<string>;
  readonly #batchTasks: readonly BoundTask[];
  /** Whether the kernels that choose tokens are right. */
  readonly #chooses: boolean;
  readonly #step: StepBuffer;
  readonly #tokens: GPUBuffer;
  readonly #output: View;
  readonly #readback: GPUBuffer;
  readonly #reads: Reads;
  #sampling: DeviceSampling | undefined;
  #making: { readonly choices: number; readonly made: Promise<DeviceSampling> } | undefined;
  #running = false;
  #closed = false;

  static async create(graph: Graph, options: CompileOptions, adapter: PlanAdapter): Promise<WebgpuPlan> {
    const { gpu, trust, tuner } = adapter;
    const ledger = new BufferLedger(gpu.device);
    try {
      const parts = await ledger.guarded(() => layOut(graph, options, adapter, ledger), options);
      const programs = await trustedPrograms(parts, options, adapter);
      const bind = (tasks: readonly Task[]) =>
        Promise.all(tasks.map(async ({ dispatch, domain }) => ({ bound: await gpu.bind(dispatch), domain })));
      const [decode, batch] = await Promise.all([bind(programs.decode), bind(programs.batch)]);
      const { offset } = parts.output;
      const chooses = await trust.allows([...samplerKernels(offset, true), ...samplerKernels(offset, false)]);
      const notes = [...trust.notes(tuner.isTuned), ...(chooses ? [] : [CHOSEN_ELSEWHERE])];
      const plan = new WebgpuPlan(graph, options, gpu, ledger, parts, { decode, batch, chooses, notes });
      // The sampler's kernels compile while the weights load.
      if (chooses) plan.#samplingFor(plan.#vocabulary);
      return plan;
    } catch (error) {
      ledger.destroy();
      throw error;
    }
  }

  private constructor(
    graph: Graph,
    options: CompileOptions,
    gpu: Gpu,
    ledger: BufferLedger,
    parts: Laid,
    { decode, batch, chooses, notes }: Bound,
  ) {
    this.#gpu = gpu;
    this.#graph = graph;
    this.#options = options;
    this.#vocabulary = vocabularyOf(graph);
    this.#ledger = ledger;
    this.#weights = parts.weights;
    this.#step = parts.step;
    this.#tokens = parts.tokens;
    this.#output = parts.output;
    this.#readback = parts.readback;
    this.#reads = parts.reads;
    this.notes = notes;
    this.#chooses = chooses;
    this.decodeTasks = decode;
    this.#batchTasks = batch;
    this.memory = ledger.memory();
    this.#ids = new Map(graph.values.flatMap((v, id) => (v.kind === "weight" ? [[v.name, id]] : [])));
    this.#missing = new Set(this.#ids.keys());
  }

  async load(tensor: TensorInfo, options: { onBytes?: (bytes: number) => void; signal?: AbortSignal }): Promise<void> {
    this.#check();
    const id = this.#ids.get(tensor.name);
    const place = id === undefined ? undefined : this.#weights.places.get(id);
    if (!place) throw new WebggufError("invalid-argument", `The model has no use for tensor "${tensor.name}".`);
    await loadTensor(this.#gpu.device, place, tensor, options);
    this.#check();
    this.#missing.delete(tensor.name);
  }

  async run(request: RunRequest): Promise<Float32Array[]> {
    this.#begin(request);
    try {
      await this.#evaluate(request);
      return await this.#readRows(request.outputs, request.signal);
    } finally {
      this.#running = false;
    }
  }

  /** With the choice of the token, where the request is a step of decoding. See `Plan.profile`. */
  async profile(request: RunRequest, repetitions: number): Promise<Profile> {
    const { tokens, position, signal } = request;
    this.#begin(request);
    try {
      const { tasks, rows, one } = this.#tasksOf(request);
      const sampler = one ? (this.#sampling?.sampler.dispatches ?? []) : [];
      const timed = [
        ...tasks.map(({ bound, domain }) => ({
          bound,
          rows: rows[domain],
          bytes: bytesRead(bound.dispatch, this.#reads, position),
        })),
        ...sampler.map((bound) => ({ bound, rows: 1 })),
      ];
      const times = await timeDispatches(this.#gpu, timed, {
        repetitions,
        signal,
        prepare: () => this.#write(request),
      });
      return { tokens: tokens.length, contextDepth: position, ...times };
    } catch (error) {
      this.#check();
      throw error;
    } finally {
      this.#running = false;
    }
  }

  canDecode(sampling: DecodeRequest["sampling"], choices: number): boolean {
    const value = this.#graph.values[this.#graph.output];
    const fits = value.kind === "activation" && value.rows === "outputs";
    return this.#chooses && fits && gpuCanSample(sampling, choices);
  }

  async *decode(request: DecodeRequest): AsyncGenerator<number, void, undefined> {
    const { tokens, position, sampling, choices, history, maximum, signal } = request;
    const last = tokens.length - 1;
    this.#begin({ tokens, position, outputs: [last], signal });
    try {
      const { sampler, loop } = await this.#samplingFor(choices);
      this.#check();
      sampler.begin(sampling, history);
      const evaluated = tokens.length > 1;
      if (evaluated) await this.#evaluate({ tokens, position, outputs: [last], signal });
      else this.#gpu.device.queue.writeBuffer(this.#tokens, 0, Uint32Array.from(tokens));
      const one = { tokens: 1, outputs: 1 };
      yield* loop.run(
        {
          prepare: (step) => {
            if (step > 0 || !evaluated) this.#step.write(position + last + step, 1, [0]);
          },
          encode: (pass, step) => {
            if (step > 0 || !evaluated)
              for (const { bound, domain } of this.decodeTasks) this.#gpu.encode(pass, bound, one[domain]);
            sampler.encode(pass);
          },
          token: checkedToken,
        },
        { maximum, signal },
      );
    } catch (error) {
      this.#check();
      throw error;
    } finally {
      this.#running = false;
    }
  }

  /** The sampler over so many choices: with one model always the same. It is made once, however many wait for it. */
  #samplingFor(choices: number): Promise<DeviceSampling> {
    if (this.#making?.choices !== choices) {
      this.#making = { choices, made: this.#makeSampling(choices, this.#making?.made) };
      this.#making.made.catch(() => {});
    }
    return this.#making.made;
  }

  async #makeSampling(choices: number, before?: Promise<DeviceSampling>): Promise<DeviceSampling> {
    await before?.catch(() => {});
    this.#freeSampling();
    const sampler = await GpuSampler.create(this.#gpu, {
      logits: this.#output,
      vocabulary: choices,
      contextLength: this.#options.contextLength,
      tokens: this.#tokens,
    });
    this.#sampling = { sampler, loop: new DecodeLoop(this.#gpu, sampler.results) };
    const sampling = this.#sampling;
    if (this.#closed) this.#freeSampling();
    return sampling;
  }

  #freeSampling(): void {
    this.#sampling?.sampler.close();
    this.#sampling?.loop.close();
    this.#sampling = undefined;
  }

  get counters(): DeviceCounters {
    const { steps = 0, bytesRead = 0, buffersCreated = 0, bindGroupsCreated = 0 } = this.#sampling?.loop.counters ?? {};
    const dispatchesPerToken = this.decodeTasks.length + (this.#sampling?.sampler.dispatches.length ?? 0);
    return { dispatchesPerToken, deviceTokens: steps, bytesRead, buffersCreated, bindGroupsCreated };
  }

  /** Takes the plan for a run, or throws why it cannot have it. */
  #begin(request: RunRequest): void {
    this.#check();
    if (this.#missing.size) {
      throw new WebggufError(
        "no-weights",
        `${this.#missing.size} weights are not loaded, such as "${[...this.#missing][0]}".`,
      );
    }
    if (this.#running) throw new WebggufError("busy", "The plan is running; wait for it or stop it.");
    checkRequest(request, this.#options, this.#vocabulary);
    throwIfAborted(request.signal);
    this.#running = true;
  }

  /** What a request runs: one token has a program of its own. */
  #tasksOf({ tokens, outputs }: RunRequest) {
    const rows = { tokens: tokens.length, outputs: outputs.length };
    const one = tokens.length === 1 && outputs.length === 1;
    return { rows, one, tasks: one ? this.decodeTasks : this.#batchTasks };
  }

  /** Queues what changes from run to run. */
  #write({ tokens, position, outputs }: RunRequest): void {
    this.#gpu.device.queue.writeBuffer(this.#tokens, 0, Uint32Array.from(tokens));
    this.#step.write(position, tokens.length, outputs);
  }

  /** Queues the tokens' evaluation in portions and waits for all but the last of them. */
  async #evaluate(request: RunRequest): Promise<void> {
    const { device } = this.#gpu;
    const { signal } = request;
    this.#write(request);
    const { tasks, rows, one } = this.#tasksOf(request);
    const atOnce = one ? tasks.length : DISPATCHES_AT_ONCE;
    let before: Promise<unknown> | undefined;
    for (let i = 0; i < tasks.length; i += atOnce) {
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      for (const { bound, domain } of tasks.slice(i, i + atOnce)) this.#gpu.encode(pass, bound, rows[domain]);
      pass.end();
      device.queue.submit([encoder.finish()]);
      // One portion runs while the next one waits behind it.
      await this.#orStopped(before, signal);
      before = one ? undefined : device.queue.onSubmittedWorkDone();
    }
    await this.#orStopped(before, signal);
  }

  async #readRows(outputs: readonly number[], signal?: AbortSignal): Promise<Float32Array[]> {
    if (!outputs.length) return [];
    const { device } = this.#gpu;
    const value = this.#graph.values[this.#graph.output];
    const width = value.kind === "activation" ? value.width : 0;
    const perToken = value.kind === "activation" && value.rows === "tokens";
    const { buffer, offset, stride } = this.#output;
    const encoder = device.createCommandEncoder();
    outputs.forEach((token, i) => {
      const row = perToken ? token : i;
      encoder.copyBufferToBuffer(buffer, (offset + row * stride) * 4, this.#readback, i * width * 4, width * 4);
    });
    device.queue.submit([encoder.finish()]);
    const bytes = outputs.length * width * 4;
    await this.#orStopped(this.#readback.mapAsync(1 /* READ */, 0, bytes), signal, () => this.#readback.unmap());
    const copy = new Float32Array(this.#readback.getMappedRange(0, bytes).slice(0));
    this.#readback.unmap();
    return outputs.map((_, i) => copy.subarray(i * width, (i + 1) * width));
  }

  /** Waits for `work`; rejects at once with `aborted` or `device-lost`. */
  async #orStopped(work: Promise<unknown> | undefined, signal?: AbortSignal, undo?: () => void): Promise<void> {
    throwIfAborted(signal);
    let stop: () => void = () => {};
    const stopped = new Promise<void>((resolve) => {
      stop = resolve;
      signal?.addEventListener("abort", stop, { once: true });
    });
    try {
      await Promise.race([work ?? Promise.resolve(), stopped, this.#gpu.device.lost]);
    } catch (error) {
      this.#check();
      throw error;
    } finally {
      signal?.removeEventListener("abort", stop);
    }
    this.#check();
    if (signal?.aborted) undo?.();
    throwIfAborted(signal);
  }

  /** Throws `device-lost` or `closed`. */
  #check(): void {
    if (this.#closed) throw new WebggufError("closed", "The model is closed.");
    if (this.#gpu.lost) throw deviceLost(this.#gpu.lost);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#freeSampling();
    this.#ledger.destroy();
  }
}

interface DeviceSampling {
  readonly sampler: GpuSampler;
  readonly loop: DecodeLoop;
}

/** A device and what is known of it. */
export interface PlanAdapter {
  readonly gpu: Gpu;
  /** Most bytes of one binding. */
  readonly bindingBytes: number;
  readonly trust: Trust;
  readonly tuner: Tuner;
  /** How long to measure tile sizes that are not known; 0: not at all. */
  readonly tuneMilliseconds: number;
}

interface Bound {
  readonly decode: readonly BoundTask[];
  readonly batch: readonly BoundTask[];
  readonly chooses: boolean;
  readonly notes: readonly string[];
}

interface Programs {
  readonly decode: readonly Task[];
  readonly batch: readonly Task[];
}

interface Laid {
  readonly weights: Placed;
  readonly step: StepBuffer;
  readonly tokens: GPUBuffer;
  readonly output: View;
  readonly readback: GPUBuffer;
  readonly reads: Reads;
  /** The dispatches over the buffers, of kernels as the device is known by then. */
  build(): Programs;
}

/** The dispatches of kernels that are all right, in sizes that suit the adapter. */
async function trustedPrograms(
  { build }: Laid,
  { batchSize }: CompileOptions,
  adapter: PlanAdapter,
): Promise<Programs> {
  const { gpu, trust, tuner, tuneMilliseconds } = adapter;
  let programs: Programs = { decode: [], batch: [] };
  const settle = () =>
    trust.settle(() => {
      programs = build();
      return [...programs.decode, ...programs.batch].map(({ dispatch }) => dispatch);
    });
  await settle();
  if (tuneMilliseconds > 0) {
    await tuner.tune({ gpu, trust, batch: batchSize, budget: tuneMilliseconds, build });
    await settle();
  }
  return programs;
}

/** All buffers of the model. */
function layOut(
  graph: Graph,
  options: CompileOptions,
  { gpu, bindingBytes, trust }: PlanAdapter,
  ledger: BufferLedger,
): Laid {
  const allocate = (kind: Allocation) => (bytes: number, label: string) => ledger.storage(kind, bytes, label);
  const steps = gpuSteps(graph);
  const weights = placeWeights(graph, steps, bindingBytes, allocate("weights"));
  const numberBytes = options.cacheType === "f16" ? 2 : 4;
  const caches = graph.cacheLayers.map(({ keyWidth, valueWidth }, layer) => ({
    k: ledger.storage("kv", options.contextLength * keyWidth * numberBytes, `cache_k.${layer}`),
    v: ledger.storage("kv", options.contextLength * valueWidth * numberBytes, `cache_v.${layer}`),
  }));
  const rows = { tokens: options.batchSize, outputs: options.outputRows };
  const values = placeValues(graph, steps, rows, allocate("scratch"));

  const ropes = new Map<string, { rope: RopeParams; divisors?: ValueId }>();
  for (const step of steps) {
    if (step.kind !== "rotate") continue;
    for (const turned of [step.q, step.k]) if (turned) ropes.set(rotationKey(turned), turned);
  }
  const layout = stepLayout(
    options.batchSize,
    [...ropes.values()].map((r) => r.rope),
  );
  const rotations = new Map([...ropes.keys()].map((key, i) => [key, layout.at[i]]));
  const tables = [...ropes.values()].map(({ rope, divisors }, i): Rotation => {
    const place = divisors === undefined ? undefined : weights.places.get(divisors);
    return { rope, at: layout.at[i], divisors: () => (place?.kind === "angles" ? place.values : undefined) };
  });
  const stepBuffer = ledger.storage("scratch", layout.bytes, "step");
  const tokens = ledger.storage("scratch", options.batchSize * 4, "tokens");
  const parts = {
    graph,
    steps,
    options,
    choose: (make: Make) => trust.choose(make),
    values,
    weights,
    caches,
    tokens,
    step: stepBuffer,
    rotations,
    scratch: new Scratch(allocate("scratch")),
  };
  const build = () => ({ decode: buildProgram(parts, "one"), batch: buildProgram(parts, "batch") });
  // Takes the scratch buffers that later ones then find.
  build();
  const output = values.get(graph.output);
  const value = graph.values[graph.output];
  if (!output || value.kind !== "activation") throw new WebggufError("internal", "The graph's output has no place.");
  return {
    weights,
    step: new StepBuffer(gpu.device, stepBuffer, tables),
    tokens,
    output,
    readback: ledger.readback(options.outputRows * value.width * 4),
    reads: readsOf(
      weights,
      graph.cacheLayers.flatMap(({ keyWidth, valueWidth }, layer) => [
        { buffer: caches[layer].k, perPosition: keyWidth * numberBytes },
        { buffer: caches[layer].v, perPosition: valueWidth * numberBytes },
      ]),
    ),
    build,
  };
}
