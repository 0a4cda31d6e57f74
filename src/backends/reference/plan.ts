import { WebggufError } from "../../core/errors.ts";
import type { Activation, Graph } from "../../core/graph.ts";
import { giveWay } from "../../core/pacer.ts";
import type { TensorInfo } from "../../core/source.ts";
import type { CompileOptions, Plan, PlanMemory, RunRequest } from "../backend.ts";
import { checkRequest, vocabularyOf } from "../graph-utils/check-request.ts";
import { freedAfter } from "../graph-utils/lifetimes.ts";
import { type Cache, newCache } from "./cache.ts";
import { execute, type RunState } from "./execute.ts";
import { type Matrix, newMatrix } from "./matrix.ts";
import { SlicedRunner } from "./steps.ts";
import { WeightStore } from "./weights.ts";

/** Ops run one after another, each into a fresh matrix that lives until its last reader is done. */
export class ReferencePlan implements Plan {
  readonly memory: PlanMemory;
  readonly #graph: Graph;
  readonly #options: CompileOptions;
  readonly #vocabulary: number;
  readonly #freed: ReturnType<typeof freedAfter>;
  #owned: { weights: WeightStore; caches: readonly Cache[] } | undefined;

  constructor(graph: Graph, options: CompileOptions) {
    const weights = new WeightStore(graph);
    const caches = graph.cacheLayers.map((layer) => newCache(layer, options.contextLength));
    this.#graph = graph;
    this.#options = options;
    this.#vocabulary = vocabularyOf(graph);
    this.#freed = freedAfter(graph);
    this.#owned = { weights, caches };
    this.memory = {
      weights: weights.bytes,
      kv: caches.reduce((sum, { keys, values }) => sum + keys.data.byteLength + values.data.byteLength, 0),
      scratch: this.#scratchBytes(),
    };
  }

  async load(
    tensors: readonly TensorInfo[],
    options: { onBytes?: (bytes: number) => void; signal?: AbortSignal },
  ): Promise<void> {
    for (const tensor of tensors) {
      await giveWay();
      await this.#open().weights.load(tensor, options);
    }
  }

  async run(request: RunRequest): Promise<Float32Array[]> {
    const { weights, caches } = this.#open();
    weights.checkComplete();
    checkRequest(request, this.#options, this.#vocabulary);
    const activations = new Map<number, Matrix>();
    const state: RunState = {
      weights: weights.tensors,
      caches,
      cacheType: this.#options.cacheType,
      request,
      activations,
    };
    const runner = new SlicedRunner(request.signal);
    for (const [index, op] of this.#graph.ops.entries()) {
      const y = op.output === null ? newMatrix(0, 0) : this.#outputMatrix(op.output, request);
      await runner.perform(execute(op, state, y));
      if (op.output !== null) activations.set(op.output, y);
      for (const id of this.#freed[index]) activations.delete(id);
    }
    const { data, width } = activations.get(this.#graph.output) as Matrix;
    return request.outputs.map((_, row) => data.subarray(row * width, (row + 1) * width));
  }

  async close(): Promise<void> {
    this.#owned = undefined;
  }

  #open(): { weights: WeightStore; caches: readonly Cache[] } {
    if (!this.#owned) throw new WebggufError("closed", "The plan has been closed; compile the graph again.");
    return this.#owned;
  }

  #outputMatrix(id: number, { tokens, outputs }: RunRequest): Matrix {
    const { rows, width } = this.#graph.values[id] as Activation;
    return newMatrix(rows === "tokens" ? tokens.length : outputs.length, width);
  }

  /** Bytes of the activations alive at the same time in the largest run. */
  #scratchBytes(): number {
    const { batchSize, outputRows } = this.#options;
    const bytes = (id: number): number => {
      const { rows, width } = this.#graph.values[id] as Activation;
      return 4 * width * (rows === "tokens" ? batchSize : outputRows);
    };
    let alive = 0;
    let most = 0;
    for (const [index, op] of this.#graph.ops.entries()) {
      if (op.output !== null) alive += bytes(op.output);
      most = Math.max(most, alive);
      for (const id of this.#freed[index]) alive -= bytes(id);
    }
    return most;
  }
}
