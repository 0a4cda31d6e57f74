import { describe, expect, it } from "vitest";
import { Candidates } from "./candidates.ts";
import { SamplerChain } from "./chain.ts";
import { topP, typicalP } from "./filters.ts";
import { Random } from "./random.ts";

const SIZE = 20_000;

function gaussians(deviation: number, seed: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: SIZE }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
    return deviation * radius * Math.cos(2 * Math.PI * random.next());
  });
}

/** By deviation of the logits: nearly all tokens count, or few; ties of thousands; tokens that are ruled out. */
const LOGITS: Record<string, Float32Array> = {
  "deviation 3": gaussians(3, 1),
  "deviation 1": gaussians(1, 2),
  "deviation 0.01": gaussians(0.01, 3),
  "deviation 1e-6": gaussians(1e-6, 4),
  "deviation 30": gaussians(30, 5),
  equal: new Float32Array(SIZE).fill(2),
  "two values": gaussians(1, 6).map((x) => (x > 0.5 ? 1 : -1)),
  "rounded to halves": gaussians(3, 7).map((x) => Math.round(x * 2) / 2),
  "signed zeros": gaussians(1, 8).map((x) => (x > 0 ? 0 : -0)),
  "half ruled out": gaussians(2, 9).map((x) => (x > 0 ? x : -Infinity)),
  "crowds apart": gaussians(1e-4, 10).map((x, i) => x + (i % 3) * 5),
};

function loaded(logits: Float32Array): Candidates {
  const candidates = new Candidates(SIZE);
  candidates.load(logits);
  return candidates;
}

/** Sorts everything; of equal keys the smaller id goes first. */
function plainly(candidates: Candidates, keys: ArrayLike<number>, p: number): number[] {
  const order = Array.from({ length: SIZE }, (_, id) => id).sort((a, b) => keys[b] - keys[a] || a - b);
  let sum = 0;
  let count = 0;
  while (count < SIZE && sum < p) sum += candidates.probabilities[order[count++]];
  return order.slice(0, Math.max(1, count));
}

/** Ids that are in one list and not in the other, and kept entries whose logit is not theirs. */
function wrong({ ids, logits: found, size }: Candidates, expected: readonly number[], logits: Float32Array): number {
  const missing = new Set(expected);
  let count = 0;
  for (let i = 0; i < size; i++) if (!missing.delete(ids[i]) || found[i] !== logits[ids[i]]) count++;
  return count + missing.size;
}

describe.each(Object.entries(LOGITS))("logits: %s", (_, logits) => {
  it.each([0, 0.05, 0.5, 0.95, 0.999])("top-p %f keeps what sorting everything gives", (p) => {
    const whole = loaded(logits);
    whole.softmax();
    const expected = plainly(whole, logits, p);
    const candidates = loaded(logits);
    topP(candidates, p);
    expect(wrong(candidates, expected, logits)).toBe(0);
  });

  it.each([0.05, 0.5, 0.95, 0.999])("typical-p %f keeps what sorting everything gives", (p) => {
    const unfiltered = loaded(logits);
    const normalizer = unfiltered.softmax();
    let entropy = 0;
    for (let id = 0; id < SIZE; id++) {
      if (unfiltered.probabilities[id] > 0) entropy += unfiltered.probabilities[id] * (normalizer - logits[id]);
    }
    const scores = Float32Array.from(logits, (x, id) =>
      unfiltered.probabilities[id] > 0 ? -Math.abs(normalizer - x - entropy) : -Infinity,
    );
    const candidates = loaded(logits);
    typicalP(candidates, p);
    expect(wrong(candidates, plainly(unfiltered, scores, p), logits)).toBe(0);
  });

  it("draws only tokens that are left, the same ones for the same seed", () => {
    const options = { topK: 0, topP: 0.9, typicalP: 0.9, minP: 0, seed: 3 };
    const [one, two] = [new SamplerChain(options, SIZE, 8), new SamplerChain(options, SIZE, 8)];
    for (let i = 0; i < 20; i++) {
      const token = one.sample(logits);
      expect(two.sample(logits)).toBe(token);
      expect(logits[token]).toBeGreaterThan(-Infinity);
    }
  });
});
