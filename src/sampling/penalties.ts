/** Counts the last tokens and makes them less likely: repeat, presence and frequency penalties as llama.cpp has them. */
export class Penalties {
  readonly #repeat: number;
  readonly #presence: number;
  readonly #frequency: number;
  readonly #counts: Int32Array;
  /** The last tokens, a ring that starts at `#next` once it is full. */
  readonly #ring: Int32Array;
  #length = 0;
  #next = 0;

  /** `lastN`: how many tokens are looked at, at least 1. */
  constructor(
    vocabularySize: number,
    lastN: number,
    options: { repeatPenalty: number; presencePenalty: number; frequencyPenalty: number },
  ) {
    this.#repeat = options.repeatPenalty;
    this.#presence = options.presencePenalty;
    this.#frequency = options.frequencyPenalty;
    this.#counts = new Int32Array(vocabularySize);
    this.#ring = new Int32Array(lastN);
  }

  /** Tells which token came next, in prompt or answer. */
  accept(token: number): void {
    if (this.#length === this.#ring.length) this.#counts[this.#ring[this.#next]]--;
    else this.#length++;
    this.#ring[this.#next] = token;
    this.#next = (this.#next + 1) % this.#ring.length;
    this.#counts[token]++;
  }

  /**
   * For each token seen: its logit times `repeatPenalty` if not positive, else divided by it; then minus
   * count · `frequencyPenalty` + `presencePenalty`. `logits[i]` belongs to token `i`.
   */
  apply(logits: Float32Array): void {
    const counts = this.#counts;
    const seen = this.#ring;
    for (let i = 0; i < this.#length; i++) {
      const token = seen[i];
      const count = counts[token];
      if (count < 0) continue;
      const logit = logits[token] <= 0 ? logits[token] * this.#repeat : logits[token] / this.#repeat;
      logits[token] = logit - (count * this.#frequency + this.#presence);
      // Negative while this pass lasts: a token that occurs twice is done once.
      counts[token] = -count;
    }
    for (let i = 0; i < this.#length; i++) counts[seen[i]] = Math.abs(counts[seen[i]]);
  }
}
