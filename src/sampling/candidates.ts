import { exponentials } from "./exponentials.ts";
import { sortPairs } from "./radix.ts";

/** `keepLargest` sorts when this many are in question, or twice as many as are wanted. */
const ROOM = 4096;
/** The bits of −0. */
const NEGATIVE_ZERO = 1 << 31;

/**
 * The tokens that are still in the running, as parallel arrays of which the first `size` entries count. The arrays are
 * made once, as long as the vocabulary, and used for every token.
 *
 * Entries are in order of token id. Filters take some out and leave the others in their order; top-k alone puts what it keeps
 * in order of logits, the largest first. Where entries are equal to a filter, those go first that stand first.
 */
export class Candidates {
  readonly ids: Int32Array;
  readonly logits: Float32Array;
  /** Filled by `weigh`. */
  readonly weights: Float32Array;
  readonly weightBits: Int32Array;
  /** A sampler's own measure. */
  readonly scores: Float32Array;
  readonly scoreBits: Int32Array;
  /** Room for a histogram. */
  readonly bins = new Float64Array(1 << 16);
  size = 0;
  /** The largest logit; NaN when it is not known. */
  #max = Number.NaN;
  readonly #identity: Int32Array;
  readonly #logitBits: Int32Array;
  readonly #counts = new Int32Array(1024);

  constructor(vocabularySize: number) {
    this.ids = new Int32Array(vocabularySize);
    this.logits = new Float32Array(vocabularySize);
    this.weights = new Float32Array(vocabularySize);
    this.scores = new Float32Array(vocabularySize);
    this.#logitBits = new Int32Array(this.logits.buffer);
    this.weightBits = new Int32Array(this.weights.buffer);
    this.scoreBits = new Int32Array(this.scores.buffer);
    this.#identity = new Int32Array(vocabularySize);
    for (let id = 0; id < vocabularySize; id++) this.#identity[id] = id;
  }

  /** Starts over with the whole vocabulary: entry `i` is token `i`. */
  load(logits: Float32Array): void {
    this.ids.set(this.#identity);
    this.logits.set(logits);
    this.size = logits.length;
    this.#max = Number.NaN;
  }

  /** The largest logit. Who changes logits, or takes out the largest one, says what it is then: NaN to have it looked for. */
  get max(): number {
    if (Number.isNaN(this.#max)) {
      const { logits, size } = this;
      let max = -Infinity;
      for (let i = 0; i < size; i++) if (logits[i] > max) max = logits[i];
      this.#max = max;
    }
    return this.#max;
  }

  set max(value: number) {
    this.#max = value;
  }

  /**
   * Fills `weights` with exp((logit − max) / `temperature`), rounded to single precision, and returns their sum. The
   * probabilities are their shares of it. At least one logit must be finite and none +Infinity or NaN.
   */
  weigh(temperature = 1): number {
    // Finite however low the temperature is.
    const scale = Math.min(1 / temperature, Number.MAX_VALUE);
    return exponentials(this.logits, this.max, scale, this.size, this.weights);
  }

  /** Keeps the `count` entries with the largest logits, the largest first. `weights` and `scores` are scratch to it. O(size). */
  keepLargest(count: number): void {
    const { logits, size } = this;
    const room = Math.max(ROOM, 2 * count);
    const first = Math.min(room, size);
    this.#sort(first);
    let kept = Math.min(count, first);
    let least = logits[kept - 1];
    for (let i = first; i < size; i++) {
      if (logits[i] <= least) continue;
      this.keep(kept++, i);
      if (kept < room) continue;
      this.#sort(kept);
      kept = count;
      least = logits[kept - 1];
    }
    if (kept > count) this.#sort(kept);
    this.size = Math.min(count, kept);
  }

  /** Sorts the first `count` entries. */
  #sort(count: number): void {
    const { ids, weightBits: keys } = this;
    const bits = this.#logitBits;
    for (let i = 0; i < count; i++) keys[i] = descending(bits[i] === NEGATIVE_ZERO ? 0 : bits[i]);
    // The keys tell the logits, whose array is free until they are written again.
    sortPairs(keys, ids, this.scoreBits, bits, this.#counts, count);
    for (let i = 0; i < count; i++) bits[i] = descending(keys[i]);
  }

  /** Copies entry `from` to place `to`, for filters that keep a part of the entries in their order. */
  keep(to: number, from: number): void {
    this.ids[to] = this.ids[from];
    this.logits[to] = this.logits[from];
  }
}

/** From the bits of a number to a key that is the smaller, as unsigned, the larger the number is; and back. */
function descending(bits: number): number {
  return bits ^ (~(bits >> 31) & 0x7fffffff);
}
