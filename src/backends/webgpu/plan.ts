import type { DeviceCounters, Profile } from "../../core/api.ts";
import { throwIfAborted, WebggufError } from "../../core/errors.ts";
import type { Graph, ValueId } from "../../core/graph.ts";
import type { TensorInfo } from "../../core/source.ts";
import type { CompileOptions, DecodeRequest, Plan, PlanMemory, RunRequest } from "../backend.ts";
import { checkRequest, vocabularyOf } from "../graph-utils/check-request.ts";
import { checkTensor, loadSlices } from "../graph-utils/slices.ts";
import { DecodeLoop } from "./decode-loop.ts";
import { deviceLost, type Gpu } from "./gpu.ts";
import { checkedToken, gpuCanSample } from "./kernels/sampling.ts";
import { type Layout, layOut } from "./layout.ts";
import { BufferLedger } from "./ledger.ts";
import { slicesOf, Uploads } from "./loader.ts";
import { type BoundTask, type PlanAdapter, type Prepared, prepare } from "./prepare.ts";
import { bytesRead, timeDispatches } from "./profile.ts";
import type { GpuSampler } from "./sampler.ts";
import { orStopped } from "./waiting.ts";

/** Dispatches of a batch that are submitted together: between two submits a run can be stopped. */
const DISPATCHES_AT_ONCE = 24;

/** Buffers, bound dispatches and the device: all of one model, gone with `close`. */
export class WebgpuPlan implements Plan {
  readonly #gpu: Gpu;
  readonly #graph: Graph;
  readonly #options: CompileOptions;
  readonly #vocabulary: number;
  readonly #ledger: BufferLedger;
  readonly #layout: Layout;
  readonly #uploads: Uploads;
  readonly #ids: ReadonlyMap<string, ValueId>;
  readonly #missing: Set<string>;
  readonly #loop: DecodeLoop;
  readonly #closing = new AbortController();
  /** Fulfilled when `#prepared` is there. */
  readonly #preparing: Promise<void>;
  #prepared: Prepared = { decode: [], batch: [], notes: [] };
  #sampler: { readonly choices: number; readonly sampler: GpuSampler } | undefined;
  #running = false;

  /** Makes the buffers. Kernels are checked, tuned and compiled from then on: see `ready`. */
  static async create(graph: Graph, options: CompileOptions, adapter: PlanAdapter): Promise<WebgpuPlan> {
    const { gpu, bindingBytes, trust } = adapter;
    const ledger = new BufferLedger(gpu.device);
    try {
      const device = { device: gpu.device, bindingBytes, trust };
      const layout = await ledger.guarded(() => layOut(graph, options, device, ledger), options);
      return new WebgpuPlan(graph, options, adapter, ledger, layout);
    } catch (error) {
      ledger.destroy();
      throw error;
    }
  }

  private constructor(
    graph: Graph,
    options: CompileOptions,
    adapter: PlanAdapter,
    ledger: BufferLedger,
    layout: Layout,
  ) {
    this.#gpu = adapter.gpu;
    this.#graph = graph;
    this.#options = options;
    this.#vocabulary = vocabularyOf(graph);
    this.#ledger = ledger;
    this.#layout = layout;
    this.#uploads = new Uploads(adapter.gpu.device);
    this.#loop = new DecodeLoop(adapter.gpu, layout.sampler.results);
    this.#ids = new Map(graph.values.flatMap((v, id) => (v.kind === "weight" ? [[v.name, id]] : [])));
    this.#missing = new Set(this.#ids.keys());
    this.#preparing = this.#prepare(adapter);
    this.#preparing.catch(() => {});
  }

  async #prepare(adapter: PlanAdapter): Promise<void> {
    this.#prepared = await prepare(this.#layout, this.#options, adapter, this.#ledger, this.#closing.signal);
    if (this.#prepared.makeSampler) await this.#samplerOver(this.#vocabulary);
  }

  async ready(signal?: AbortSignal): Promise<void> {
    await this.#orStopped(this.#preparing, signal);
  }

  /** With the scratch memory of the kernels that are used, once the plan is ready. */
  get memory(): PlanMemory {
    return this.#ledger.memory();
  }

  get notes(): readonly string[] {
    return this.#prepared.notes;
  }

  /** Dispatches of one decode step, in order; none before the plan is ready. */
  get decodeTasks(): readonly BoundTask[] {
    return this.#prepared.decode;
  }

  async load(
    tensors: readonly TensorInfo[],
    options: { onBytes?: (bytes: number) => void; signal?: AbortSignal },
  ): Promise<void> {
    this.#check();
    const sliced = tensors.map((tensor) => {
      const id = this.#ids.get(tensor.name);
      const place = id === undefined ? undefined : this.#layout.weights.places.get(id);
      if (!place) throw new WebggufError("invalid-argument", `The model has no use for tensor "${tensor.name}".`);
      checkTensor(place.weight, tensor);
      const done = () => {
        this.#check();
        this.#missing.delete(tensor.name);
      };
      return { tensor, slices: slicesOf(this.#uploads, place, tensor), done };
    });
    await loadSlices(sliced, options);
  }

  async run(request: RunRequest): Promise<Float32Array[]> {
    this.#begin(request);
    try {
      await this.ready(request.signal);
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
      await this.ready(signal);
      const { tasks, rows, one } = this.#tasksOf(request);
      const sampler = one ? (this.#sampler?.sampler.dispatches ?? []) : [];
      const timed = [
        ...tasks.map(({ bound, domain }) => ({
          bound,
          rows: rows[domain],
          bytes: bytesRead(bound.dispatch, this.#layout.reads, position),
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
    return this.#prepared.makeSampler !== undefined && fits && gpuCanSample(sampling, choices);
  }

  async *decode(request: DecodeRequest): AsyncGenerator<number, void, undefined> {
    const { tokens, position, sampling, choices, history, maximum, signal } = request;
    const last = tokens.length - 1;
    this.#begin({ tokens, position, outputs: [last], signal });
    try {
      await this.ready(signal);
      const sampler = await this.#samplerOver(choices);
      this.#check();
      sampler.begin(sampling, history);
      const evaluated = tokens.length > 1;
      if (evaluated) await this.#evaluate({ tokens, position, outputs: [last], signal });
      else this.#gpu.device.queue.writeBuffer(this.#layout.tokens, 0, Uint32Array.from(tokens));
      const one = { tokens: 1, outputs: 1 };
      yield* this.#loop.run(
        {
          prepare: (step) => {
            if (step > 0 || !evaluated) this.#layout.step.write(position + last + step, 1, [0]);
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

  /** The sampler over so many choices: with one model always the same. */
  async #samplerOver(choices: number): Promise<GpuSampler> {
    const { makeSampler } = this.#prepared;
    if (!makeSampler) throw new WebggufError("internal", "The kernels that choose tokens are of no use here.");
    if (this.#sampler?.choices !== choices) this.#sampler = { choices, sampler: await makeSampler(choices) };
    return this.#sampler.sampler;
  }

  get counters(): DeviceCounters {
    const { steps, bytesRead, buffersCreated, bindGroupsCreated } = this.#loop.counters;
    const dispatchesPerToken = this.decodeTasks.length + (this.#sampler?.sampler.dispatches.length ?? 0);
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
    return { rows, one, tasks: one ? this.decodeTasks : this.#prepared.batch };
  }

  /** Queues what changes from run to run. */
  #write({ tokens, position, outputs }: RunRequest): void {
    this.#gpu.device.queue.writeBuffer(this.#layout.tokens, 0, Uint32Array.from(tokens));
    this.#layout.step.write(position, tokens.length, outputs);
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
    const { output, readback } = this.#layout;
    const { buffer, offset, stride } = output;
    const encoder = device.createCommandEncoder();
    outputs.forEach((token, i) => {
      const row = perToken ? token : i;
      encoder.copyBufferToBuffer(buffer, (offset + row * stride) * 4, readback, i * width * 4, width * 4);
    });
    device.queue.submit([encoder.finish()]);
    const bytes = outputs.length * width * 4;
    const mapped = readback.mapAsync(1 /* READ */, 0, bytes);
    await this.#orStopped(mapped, signal).catch((error) => {
      readback.unmap();
      throw error;
    });
    const copy = new Float32Array(readback.getMappedRange(0, bytes).slice(0));
    readback.unmap();
    return outputs.map((_, i) => copy.subarray(i * width, (i + 1) * width));
  }

  /** Waits for `work`; rejects at once with `aborted`, `closed` or `device-lost`. */
  async #orStopped(work: Promise<unknown> | undefined, signal?: AbortSignal): Promise<void> {
    try {
      await orStopped(this.#gpu, work ?? Promise.resolve(), signal);
    } finally {
      this.#check();
    }
  }

  /** Throws `device-lost` or `closed`. */
  #check(): void {
    if (this.#closing.signal.aborted) throw new WebggufError("closed", "The model is closed.");
    if (this.#gpu.lost) throw deviceLost(this.#gpu.lost);
  }

  /** Waits until the preparation has stopped using the buffers. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#preparing.catch(() => {});
    this.#loop.close();
    this.#ledger.destroy();
  }
}
