import type { BoundDispatch, Gpu } from "./gpu.ts";
import {
  isGreedy,
  penalizedTokens,
  type SamplerBuffers,
  type SamplerSettings,
  STATE_HEADER,
  samplerBytes,
  samplerDispatches,
  samplerWords,
} from "./kernels/sampling.ts";
import type { View } from "./views.ts";

/** A sampler's buffers but the one that the model's embedding reads. */
export type OwnBuffers = Omit<SamplerBuffers, "tokens">;

/**
 * Buffers for choices among up to `vocabulary` tokens. `ring`: words for results; at least the steps whose results have not
 * been fetched.
 */
export function samplerBuffers(
  vocabulary: number,
  contextLength: number,
  allocate: (bytes: number, label: string) => GPUBuffer,
  ring = 16,
): OwnBuffers {
  const bytes = samplerBytes(vocabulary, contextLength);
  const make = (name: keyof typeof bytes) => allocate(bytes[name], `sampler.${name}`);
  return {
    settings: make("settings"),
    bias: make("bias"),
    counts: make("counts"),
    state: make("state"),
    candidates: make("candidates"),
    results: allocate(ring * 4, "sampler.results"),
  };
}

export interface SamplerPlace {
  /** Its row 0 is sampled from. */
  readonly logits: View;
  /** Numbers of the row that stand for tokens. */
  readonly vocabulary: number;
  /** What `repeatLastN: -1` means, and the most tokens that penalties look at. */
  readonly contextLength: number;
  /** Large enough for both; they stay the caller's. `tokens`: U32; word 0 is set to each token. */
  readonly buffers: SamplerBuffers;
}

/** Chooses tokens on the device, as `SamplerChain` does elsewhere. One of these serves all answers of a model. */
export class GpuSampler {
  readonly #gpu: Gpu;
  readonly #place: SamplerPlace;
  readonly #greedy: readonly BoundDispatch[];
  readonly #drawing: readonly BoundDispatch[];
  #active: readonly BoundDispatch[];

  /** Compiles the kernels. */
  static async create(gpu: Gpu, place: SamplerPlace): Promise<GpuSampler> {
    const { vocabulary, logits, buffers } = place;
    const bind = (greedy: boolean) =>
      Promise.all(samplerDispatches({ logits, vocabulary, greedy, buffers }).map((dispatch) => gpu.bind(dispatch)));
    const [greedy, drawing] = await Promise.all([bind(true), bind(false)]);
    return new GpuSampler(gpu, place, greedy, drawing);
  }

  private constructor(
    gpu: Gpu,
    place: SamplerPlace,
    greedy: readonly BoundDispatch[],
    drawing: readonly BoundDispatch[],
  ) {
    this.#gpu = gpu;
    this.#place = place;
    this.#greedy = greedy;
    this.#drawing = drawing;
    this.#active = greedy;
  }

  /** Dispatches of a step. */
  get dispatches(): readonly BoundDispatch[] {
    return this.#active;
  }

  /**
   * Starts an answer: writes the settings and what the penalties know of the tokens before it. The steps of the answer
   * before must have been submitted. `settings` must be ones that `gpuCanSample`; tokens are below the vocabulary.
   */
  begin(settings: SamplerSettings, history: ArrayLike<number>): void {
    const { vocabulary, contextLength, buffers } = this.#place;
    const { queue } = this.#gpu.device;
    this.#active = isGreedy(settings) ? this.#greedy : this.#drawing;
    queue.writeBuffer(buffers.settings, 0, samplerWords(settings, vocabulary, contextLength));
    const lastN = penalizedTokens(settings, contextLength);
    const recent = Array.from(history).slice(lastN > 0 ? -lastN : history.length);
    const state = new Uint32Array(STATE_HEADER + recent.length);
    state.set([0, lastN > 0 ? recent.length % lastN : 0, recent.length]);
    state.set(recent, STATE_HEADER);
    queue.writeBuffer(buffers.state, 0, state);
    if (lastN > 0) {
      const counts = new Uint32Array(vocabulary);
      for (const token of recent) counts[token]++;
      queue.writeBuffer(buffers.counts, 0, counts);
    }
    const biases = Object.entries(settings.logitBias);
    if (biases.length > 0) {
      const bias = new Float32Array(vocabulary);
      for (const [token, value] of biases) bias[Number(token)] = value;
      queue.writeBuffer(buffers.bias, 0, bias);
    }
  }

  /** Adds the choice of the next token to a pass that has the logits by then. */
  encode(pass: GPUComputePassEncoder): void {
    for (const dispatch of this.#active) this.#gpu.encode(pass, dispatch, 1);
  }
}
