import { Candidates } from "./candidates.ts";

export interface TokenLogprob {
  readonly token: number;
  /** Natural log of the probability. */
  readonly logprob: number;
}

/** Log-probabilities of raw logits, softmax over the whole vocabulary. */
export class Logprobs {
  readonly #candidates: Candidates;
  readonly #count: number;

  /** `count`: how many of the likeliest tokens `of` reports. */
  constructor(vocabularySize: number, count: number) {
    this.#candidates = new Candidates(vocabularySize);
    this.#count = Math.min(count, vocabularySize);
  }

  /** The log-probability of `token`, and the likeliest tokens, best first. */
  of(logits: Float32Array, token: number): { logprob: number; top: TokenLogprob[] } {
    const normalizer = logSumExp(logits);
    const candidates = this.#candidates;
    candidates.load(logits);
    if (this.#count > 0) candidates.keepLargest(this.#count);
    const top = Array.from({ length: this.#count }, (_, i) => ({
      token: candidates.ids[i],
      logprob: candidates.logits[i] - normalizer,
    }));
    return { logprob: logits[token] - normalizer, top };
  }
}

/** ln Σ exp(x), without overflow. */
export function logSumExp(x: Float32Array): number {
  let max = -Infinity;
  for (let i = 0; i < x.length; i++) if (x[i] > max) max = x[i];
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += Math.exp(x[i] - max);
  return max + Math.log(sum);
}
