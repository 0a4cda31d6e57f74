import { exponentials } from "./exponentials.ts";

/**
 * The tokens that are still in the running, as parallel arrays of which the first `size` entries count. The arrays are
 * made once, as long as the vocabulary, and used for every token.
 */
export class Candidates {
  readonly ids: Int32Array;
  readonly logits: Float32Array;
  /** Filled by `softmax`. */
  readonly probabilities: Float32Array;
  /** A sampler's own measure, swapped along with the rest. */
  readonly scores: Float32Array;
  /** Room for a histogram. */
  readonly bins = new Float64Array(4096);
  size = 0;
  /** The largest logit; filled by `softmax`. */
  max = -Infinity;
  /** Whether the entries are in order, likeliest first. */
  sorted = false;
  readonly #identity: Int32Array;

  constructor(vocabularySize: number) {
    this.ids = new Int32Array(vocabularySize);
    this.logits = new Float32Array(vocabularySize);
    this.probabilities = new Float32Array(vocabularySize);
    this.scores = new Float32Array(vocabularySize);
    this.#identity = new Int32Array(vocabularySize);
    for (let id = 0; id < vocabularySize; id++) this.#identity[id] = id;
  }

  /** Starts over with the whole vocabulary: entry `i` is token `i`. */
  load(logits: Float32Array): void {
    this.ids.set(this.#identity);
    this.logits.set(logits);
    this.size = logits.length;
    this.sorted = false;
  }

  /**
   * Fills `probabilities` and `max`, and returns ln Σ exp(logit). At least one logit must be finite and none +Infinity or NaN.
   */
  softmax(): number {
    const { logits, probabilities, size } = this;
    let max = -Infinity;
    for (let i = 0; i < size; i++) if (logits[i] > max) max = logits[i];
    this.max = max;
    const sum = exponentials(logits, max, size, probabilities);
    const scale = 1 / sum;
    for (let i = 0; i < size; i++) probabilities[i] *= scale;
    return max + Math.log(sum);
  }

  /**
   * Moves the `count` entries with the largest keys to the front, in descending order (equal ones by ascending id); the
   * others follow in any order. O(size · log count), in place: the front is a heap with its last-placed entry on top,
   * which gives way to every better entry, and is then sorted.
   */
  selectLargest(count: number, keys: Float32Array = this.logits): void {
    const { ids, size } = this;
    if (count < 1 || (count === size && this.#isOrdered(keys))) return;
    for (let root = (count >> 1) - 1; root >= 0; root--) this.#sift(root, count, keys);
    for (let i = count; i < size; i++) {
      if (keys[i] < keys[0] || (keys[i] === keys[0] && ids[i] > ids[0])) continue;
      this.swap(i, 0);
      this.#sift(0, count, keys);
    }
    for (let end = count - 1; end > 0; end--) {
      this.swap(0, end);
      this.#sift(0, end, keys);
    }
  }

  /** Whether the entries are in descending order of keys already, equal ones by ascending id. */
  #isOrdered(keys: Float32Array): boolean {
    const { ids, size } = this;
    for (let i = 1; i < size; i++) {
      if (keys[i] > keys[i - 1] || (keys[i] === keys[i - 1] && ids[i] < ids[i - 1])) return false;
    }
    return true;
  }

  #sift(root: number, end: number, keys: Float32Array): void {
    const { ids } = this;
    let parent = root;
    while (true) {
      let child = 2 * parent + 1;
      if (child >= end) return;
      const right = child + 1;
      if (right < end && (keys[right] < keys[child] || (keys[right] === keys[child] && ids[right] > ids[child]))) {
        child = right;
      }
      if (keys[parent] < keys[child] || (keys[parent] === keys[child] && ids[parent] > ids[child])) return;
      this.swap(parent, child);
      parent = child;
    }
  }

  /** Exchanges two entries. */
  swap(a: number, b: number): void {
    if (a === b) return;
    const { ids, logits, probabilities, scores } = this;
    const id = ids[a];
    ids[a] = ids[b];
    ids[b] = id;
    const logit = logits[a];
    logits[a] = logits[b];
    logits[b] = logit;
    const probability = probabilities[a];
    probabilities[a] = probabilities[b];
    probabilities[b] = probability;
    const score = scores[a];
    scores[a] = scores[b];
    scores[b] = score;
  }

  /** Copies entry `from` to place `to`, for filters that keep a part of the entries in their order. */
  keep(to: number, from: number): void {
    this.ids[to] = this.ids[from];
    this.logits[to] = this.logits[from];
  }
}
