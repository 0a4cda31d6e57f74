import { describe, expect, it } from "vitest";
import type { SamplingOptions } from "../core/api.ts";
import { isWebggufError } from "../core/errors.ts";
import { Candidates } from "./candidates.ts";
import { SamplerChain } from "./chain.ts";
import { draw } from "./dist.ts";
import { minP, topK, topP, typicalP } from "./filters.ts";
import { argmax } from "./greedy.ts";
import { Logprobs } from "./logprobs.ts";
import { Penalties } from "./penalties.ts";
import { Random } from "./random.ts";

/** Logits with many ties: rounded to halves. */
function someLogits(size: number, seed: number, step = 0.5): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: size }, () => Math.round((random.next() * 16 - 8) / step) * step);
}

function loaded(logits: ArrayLike<number>): Candidates {
  const candidates = new Candidates(logits.length);
  candidates.load(Float32Array.from(logits));
  return candidates;
}

const kept = (candidates: Candidates) => [...candidates.ids.subarray(0, candidates.size)];

function softmax(logits: ArrayLike<number>): number[] {
  const max = Math.max(...Array.from(logits));
  const e = Array.from(logits, (x) => Math.exp(x - max));
  const sum = e.reduce((a, b) => a + b);
  return e.map((x) => x / sum);
}

/** Ids, likeliest first, equal ones by id. */
const order = (values: ArrayLike<number>) =>
  Array.from(values, (_, i) => i).sort((a, b) => values[b] - values[a] || a - b);

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return isWebggufError(error) ? error.code : `not a WebggufError: ${error}`;
  }
  return "no error";
}

describe("Random", () => {
  it("is xoshiro128**: the first outputs for the state 1, 2, 3, 4", () => {
    const random = Random.fromState([1, 2, 3, 4]);
    expect([0, 1, 2, 3].map(() => random.nextUint32())).toEqual([11520, 0, 5927040, 70819200]);
  });

  it("is seeded by SplitMix64: seed 0 gives e220a8397b1dcdaf and 6e789e6aa1b965f4", () => {
    const same = Random.fromState([0x7b1dcdaf, 0xe220a839, 0xa1b965f4, 0x6e789e6a]);
    expect(new Random(0).next()).toBe(same.next());
  });

  it("gives another stream for every seed, also beyond 32 bits and below 0", () => {
    const firsts = [0, 1, 2, -1, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1].map((seed) => new Random(seed).next());
    expect(new Set(firsts).size).toBe(firsts.length);
    for (const first of firsts) expect(first >= 0 && first < 1).toBe(true);
  });
});

describe("keepLargest", () => {
  const SIZE = 10_000;
  const arrangements: Record<string, Float32Array> = {
    "with many ties": someLogits(SIZE, 1),
    ascending: someLogits(SIZE, 2, 1e-3).sort(),
    descending: someLogits(SIZE, 3, 1e-3).sort().reverse(),
    equal: new Float32Array(SIZE).fill(-3),
    "of both zeros": someLogits(SIZE, 4).map((x) => (x > 0 ? 0 : -0)),
    "ruled out": someLogits(SIZE, 5).map((x) => (x > 7 ? x : -Infinity)),
    "far apart": someLogits(SIZE, 6).map((x) => x * 10 ** (x * 4)),
  };
  describe.each(Object.entries(arrangements))("of logits %s", (_, logits) => {
    it.each([1, 2, 40, 2047, 2048, 5000, 9999, 10_000, 20_000])("puts the %i largest in order", (count) => {
      const candidates = loaded(logits);
      candidates.keepLargest(count);
      expect(kept(candidates)).toEqual(order(logits).slice(0, count));
      expect([...candidates.logits.subarray(0, candidates.size)]).toEqual(kept(candidates).map((id) => logits[id] + 0));
    });
  });
});

describe("filters", () => {
  const logits = someLogits(3000, 5, 0.01);
  const probabilities = softmax(logits);

  it("top-k keeps the k likeliest; all when k is 0 or beyond the vocabulary", () => {
    const few = loaded(logits);
    topK(few, 40);
    expect(kept(few)).toEqual(order(logits).slice(0, 40));
    const all = loaded(logits);
    topK(all, 0);
    expect(all.size).toBe(3000);
    topK(all, 100_000);
    expect(kept(all)).toEqual(order(logits));
  });

  it.each([0, 0.1, 0.5, 0.9, 0.999])("top-p %f keeps the smallest set that reaches it", (p) => {
    const candidates = loaded(logits);
    topP(candidates, p);
    const expected: number[] = [];
    let sum = 0;
    for (const id of order(logits)) {
      expected.push(id);
      sum += probabilities[id];
      if (sum >= p) break;
    }
    expect(kept(candidates)).toEqual(expected.sort((a, b) => a - b));
  });

  it("top-p takes equal ones by id, and copes with forbidden tokens", () => {
    const equal = loaded(new Array(100).fill(3));
    topP(equal, 0.255);
    expect(kept(equal)).toEqual(Array.from({ length: 26 }, (_, id) => id));
    const forbidden = loaded([-Infinity, 0, -Infinity, -1000, 0]);
    topP(forbidden, 0.9);
    expect(kept(forbidden)).toEqual([1, 4]);
  });

  it("top-p after top-k measures within what is left", () => {
    const candidates = loaded([Math.log(4), Math.log(3), Math.log(2), Math.log(1)]);
    topK(candidates, 2);
    topP(candidates, 0.5);
    expect(kept(candidates)).toEqual([0]);
  });

  it.each([0.01, 0.2, 1])("min-p %f keeps what reaches that share of the likeliest", (p) => {
    const candidates = loaded(logits);
    minP(candidates, p);
    const least = p * Math.max(...probabilities);
    expect(kept(candidates)).toEqual(
      order(new Float32Array(3000)).filter((id) => probabilities[id] >= least * (1 - 1e-6)),
    );
  });

  it.each([0.05, 0.3, 0.95])("typical-p %f keeps the tokens of usual surprise", (p) => {
    const candidates = loaded(logits);
    typicalP(candidates, p);
    const entropy = -probabilities.reduce((sum, q) => sum + q * Math.log(q), 0);
    const strangeness = probabilities.map((q) => Math.abs(-Math.log(q) - entropy));
    const mostStrange = Math.max(...kept(candidates).map((id) => strangeness[id]));
    const sum = kept(candidates).reduce((total, id) => total + probabilities[id], 0);
    const leastStrangeLeftOut = Math.min(...strangeness.filter((_, id) => !kept(candidates).includes(id)));
    expect(sum).toBeGreaterThan(p);
    expect(sum - Math.max(...kept(candidates).map((id) => probabilities[id]))).toBeLessThanOrEqual(p);
    expect(mostStrange).toBeLessThanOrEqual(leastStrangeLeftOut + 1e-5);
  });

  it("typical-p can drop the likeliest", () => {
    const candidates = loaded([Math.log(0.4), ...Array.from({ length: 60 }, () => Math.log(0.01))]);
    typicalP(candidates, 0.2);
    expect(kept(candidates)).not.toContain(0);
  });

  it("temperature scales differences, however small it is", () => {
    const warm = loaded([1, 2, 4]);
    const expected = [-1.5, -1, 0].map((x) => Math.fround(Math.exp(x)));
    expect(warm.weigh(2)).toBe(expected[0] + expected[1] + expected[2]);
    expect([...warm.weights]).toEqual(expected);
    expect(draw(loaded([1, 2, 4]), 1e-300, new Random(1))).toBe(2);
  });
});

describe("Penalties", () => {
  it("by hand: divides positive logits, multiplies the others, subtracts per occurrence and once", () => {
    const penalties = new Penalties(5, 10, { repeatPenalty: 2, presencePenalty: 0.5, frequencyPenalty: 0.25 });
    for (const token of [0, 1, 1, 3, 1]) penalties.accept(token);
    const logits = Float32Array.from([4, -3, 7, 0, -1]);
    penalties.apply(logits);
    expect([...logits]).toEqual([4 / 2 - 0.75, -3 * 2 - (3 * 0.25 + 0.5), 7, -0.75, -1]);
    const again = Float32Array.from([4, -3, 7, 0, -1]);
    penalties.apply(again);
    expect(again).toEqual(logits);
  });

  it("looks at the last N tokens only", () => {
    const penalties = new Penalties(4, 2, { repeatPenalty: 1, presencePenalty: 1, frequencyPenalty: 0 });
    for (const token of [0, 1, 1, 2, 3]) penalties.accept(token);
    const logits = new Float32Array(4);
    penalties.apply(logits);
    expect([...logits]).toEqual([0, 0, -1, -1]);
  });
});

describe("argmax", () => {
  it("takes the first of equal ones", () => expect(argmax(Float32Array.from([1, 3, 3, 2]))).toBe(1));
  it("refuses NaN, infinity, and nothing left", () => {
    expect(codeOf(() => argmax(Float32Array.from([1, Number.NaN])))).toBe("internal");
    expect(codeOf(() => argmax(Float32Array.from([Number.NaN, 1])))).toBe("internal");
    expect(codeOf(() => argmax(Float32Array.from([1, Infinity])))).toBe("internal");
    expect(codeOf(() => argmax(new Float32Array(3).fill(-Infinity)))).toBe("invalid-argument");
  });
});

describe("Logprobs", () => {
  it("are those of the whole vocabulary, best first", () => {
    const logits = someLogits(500, 8);
    const { logprob, top } = new Logprobs(500, 5).of(logits, 17);
    const expected = softmax(logits).map(Math.log);
    expect(logprob).toBeCloseTo(expected[17], 5);
    expect(top.map((entry) => entry.token)).toEqual(order(logits).slice(0, 5));
    for (const entry of top) expect(entry.logprob).toBeCloseTo(expected[entry.token], 5);
    expect(new Logprobs(3, 10).of(Float32Array.from([1, 2, 3]), 0).top).toHaveLength(3);
  });
});

describe("SamplerChain", () => {
  const off: SamplingOptions = { temperature: 1, topK: 0, topP: 1, minP: 0 };

  /** Pearson's statistic of draws against expected shares. */
  function chiSquare(options: SamplingOptions, logits: Float32Array, shares: number[]): number {
    const chain = new SamplerChain(options, logits.length, 100);
    const counts = new Array<number>(logits.length).fill(0);
    const draws = 20_000;
    for (let i = 0; i < draws; i++) counts[chain.sample(logits)]++;
    return shares.reduce((sum, share, id) => {
      if (share === 0) return counts[id] === 0 ? sum : Infinity;
      return sum + (counts[id] - draws * share) ** 2 / (draws * share);
    }, 0);
  }

  it("draws what the softmax says (chi-square, 7 degrees of freedom, p = 0.001)", () => {
    const logits = Float32Array.from([0, 0.5, 1, -1, 2, 0.3, -0.7, 1.5]);
    expect(chiSquare({ ...off, seed: 1 }, logits, softmax(logits))).toBeLessThan(24.32);
    expect(chiSquare({ ...off, seed: 2, temperature: 0.5 }, logits, softmax(logits.map((x) => x * 2)))).toBeLessThan(
      24.32,
    );
    expect(chiSquare({ ...off, seed: 3 }, logits, softmax(logits.map((x) => x * 2)))).toBeGreaterThan(1000);
  });

  it("draws among what the filters keep (2 degrees of freedom, p = 0.001)", () => {
    const logits = Float32Array.from([0, 0.5, 1, -1, 2, 0.3, -0.7, 1.5]);
    const best = softmax([1, 2, 1.5]);
    const shares = [0, 0, best[0], 0, best[1], 0, 0, best[2]];
    expect(chiSquare({ ...off, seed: 4, topK: 3 }, logits, shares)).toBeLessThan(13.82);
  });

  it("gives the same tokens for the same seed, others for another", () => {
    const logits = someLogits(2000, 3, 0.01);
    const run = (seed: number) => {
      const chain = new SamplerChain({ seed, repeatPenalty: 1.3 }, 2000, 100);
      return Array.from({ length: 50 }, () => {
        const token = chain.sample(logits);
        chain.accept(token);
        return token;
      });
    };
    expect(run(7)).toEqual(run(7));
    expect(run(7)).not.toEqual(run(8));
  });

  it("is greedy at temperature 0, after bias and penalties, and leaves the logits alone", () => {
    const logits = Float32Array.from([1, 5, 4, 3]);
    const copy = logits.slice();
    expect(new SamplerChain({ temperature: 0 }, 4, 10).sample(logits)).toBe(1);
    expect(new SamplerChain({ temperature: 0, logitBias: { 1: -Infinity } }, 4, 10).sample(logits)).toBe(2);
    expect(new SamplerChain({ temperature: 0, logitBias: { 3: 10 } }, 4, 10).sample(logits)).toBe(3);
    const chain = new SamplerChain({ temperature: 0, presencePenalty: 3 }, 4, 10);
    chain.accept(1);
    expect(chain.sample(logits)).toBe(2);
    expect(new SamplerChain({ temperature: 0, typicalP: 0.99 }, 4, 10).sample(logits)).toBe(1);
    expect(logits).toEqual(copy);
  });

  it("says when nothing is left or the logits are no numbers", () => {
    const logits = new Float32Array(3);
    const logitBias = { 0: -Infinity, 1: -Infinity, 2: -Infinity };
    expect(codeOf(() => new SamplerChain({ logitBias }, 3, 10).sample(logits))).toBe("invalid-argument");
    expect(codeOf(() => new SamplerChain({}, 3, 10).sample(logits.fill(Number.NaN)))).toBe("internal");
  });

  it.each<SamplingOptions>([
    { temperature: -1 },
    { temperature: Number.NaN },
    { topK: 1.5 },
    { topK: -1 },
    { topP: 1.01 },
    { minP: -0.1 },
    { typicalP: 2 },
    { repeatPenalty: 0 },
    { repeatLastN: -2 },
    { presencePenalty: Infinity },
    { seed: 0.5 },
    { logitBias: { 9: 1 } },
    { logitBias: { 1: Number.NaN } },
    { temperature: "1" as unknown as number },
  ])("refuses %o", (options) => {
    expect(codeOf(() => new SamplerChain(options, 9, 10))).toBe("invalid-argument");
  });
});
