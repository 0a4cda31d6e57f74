import type { SamplingOptions } from "../core/api.ts";
import { Candidates } from "./candidates.ts";
import { draw } from "./dist.ts";
import { minP, topK, topP, typicalP } from "./filters.ts";
import { argmax } from "./greedy.ts";
import { type ResolvedSampling, resolveSampling } from "./options.ts";
import { Penalties } from "./penalties.ts";
import { Random } from "./random.ts";

/**
 * Chooses tokens: logit bias, penalties, top-k, typical-p, top-p, min-p, temperature, draw (llama.cpp's order).
 * The same options and seed give the same tokens for the same logits: `Candidates` tells the order that ties and draws go by,
 * and sums are taken in double precision. Nothing is allocated per token.
 */
export class SamplerChain {
  readonly #options: ResolvedSampling;
  readonly #random: Random;
  readonly #penalties: Penalties | undefined;
  readonly #bias: readonly (readonly [token: number, bias: number])[];
  readonly #candidates: Candidates | undefined;
  readonly #greedy: boolean;

  /**
   * `contextLength` is what `repeatLastN: -1` means.
   * Throws `invalid-argument` for options out of range.
   */
  constructor(options: SamplingOptions, vocabularySize: number, contextLength: number) {
    const resolved = resolveSampling(options, vocabularySize);
    this.#options = resolved;
    this.#random = new Random(resolved.seed);
    this.#bias = Object.entries(resolved.logitBias).map(([token, bias]) => [Number(token), bias] as const);
    const { repeatPenalty, presencePenalty, frequencyPenalty } = resolved;
    const lastN = resolved.repeatLastN < 0 ? contextLength : Math.min(resolved.repeatLastN, contextLength);
    if (lastN > 0 && (repeatPenalty !== 1 || presencePenalty !== 0 || frequencyPenalty !== 0)) {
      this.#penalties = new Penalties(vocabularySize, lastN, resolved);
    }
    // The filters that may drop the likeliest token do not let temperature 0 pass them by.
    this.#greedy = resolved.temperature === 0 && resolved.typicalP >= 1;
    if (!this.#greedy || this.#penalties || this.#bias.length > 0) this.#candidates = new Candidates(vocabularySize);
  }

  /** The options in use, with the defaults filled in. */
  get options(): ResolvedSampling {
    return this.#options;
  }

  /** Tells which token came next, in prompt or answer; penalties look at them. */
  accept(token: number): void {
    this.#penalties?.accept(token);
  }

  /**
   * The next token. `logits` are raw, of vocabulary size, and are left as they are.
   * Throws `internal` when they are no numbers, `invalid-argument` when no token is left.
   */
  sample(logits: Float32Array): number {
    const candidates = this.#candidates;
    if (!candidates) return argmax(logits);
    candidates.load(logits);
    for (const [token, bias] of this.#bias) candidates.logits[token] += bias;
    this.#penalties?.apply(candidates.logits);
    const likeliest = argmax(candidates.logits);
    if (this.#greedy) return likeliest;
    candidates.max = candidates.logits[likeliest];
    const { temperature } = this.#options;
    topK(candidates, this.#options.topK);
    typicalP(candidates, this.#options.typicalP);
    topP(candidates, this.#options.topP);
    minP(candidates, this.#options.minP);
    if (temperature > 0) return draw(candidates, temperature, this.#random);
    candidates.keepLargest(1);
    return candidates.ids[0];
  }
}
