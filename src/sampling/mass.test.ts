import { describe, expect, it } from "vitest";
import type { SamplingOptions } from "../core/api.ts";
import { Candidates } from "./candidates.ts";
import { SamplerChain } from "./chain.ts";
import { topP, typicalP } from "./filters.ts";
import { Random } from "./random.ts";

const SIZE = 8_000;
const DRAWS = 8;

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
  "all but one ruled out": new Float32Array(SIZE).fill(-Infinity).fill(-7, 99, 100),
  "crowds apart": gaussians(1e-4, 10).map((x, i) => x + (i % 3) * 5),
  "flat but for one": gaussians(1e-3, 11).fill(9, 4321, 4322),
  ascending: gaussians(2, 12).sort(),
};

interface Entry {
  readonly id: number;
  readonly logit: number;
}

/** The distribution of these entries: weights in single, sums in double precision. */
function weighed(entries: readonly Entry[], temperature = 1) {
  const max = entries.reduce((most, { logit }) => Math.max(most, logit), -Infinity);
  const candidates = loaded(Float32Array.from(entries, ({ logit }) => logit));
  candidates.weigh(temperature);
  const weights = [...candidates.weights];
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = entries.reduce((sum, { logit }, i) => sum + (weights[i] && weights[i] * (logit - max)), 0) / total;
  return { weights, total, distances: entries.map(({ logit }) => Math.fround(Math.abs(logit - max - mean))) };
}

/** Sorts all entries by what goes first, keeps those that it takes to reach `p`, and puts them in their order again. */
function smallestSet(entries: readonly Entry[], p: number, by: "weight" | "distance"): Entry[] {
  const { weights, total, distances } = weighed(entries);
  const order = entries.map((_, place) => place);
  order.sort((a, b) => (by === "weight" ? compare(weights[b], weights[a]) : compare(distances[a], distances[b])));
  let sum = 0;
  let count = 0;
  while (count < entries.length && (count === 0 || sum < p * total)) sum += weights[order[count++]];
  return order
    .slice(0, count)
    .sort((a, b) => a - b)
    .map((place) => entries[place]);
}

/** The whole chain, plainly: tokens drawn from these logits. */
function plainTokens(logits: Float32Array, options: Required<Pick<SamplingOptions, Filter>>, random: Random): number[] {
  const { topK, typicalP, topP, minP, temperature } = options;
  let entries: Entry[] = Array.from(logits, (logit, id) => ({ id, logit }));
  if (topK > 0) entries = [...entries].sort((a, b) => compare(b.logit, a.logit)).slice(0, topK);
  if (typicalP < 1) entries = smallestSet(entries, typicalP, "distance");
  if (topP < 1) entries = smallestSet(entries, topP, "weight");
  const max = entries.reduce((most, { logit }) => Math.max(most, logit), -Infinity);
  if (minP > 0) entries = entries.filter(({ logit }) => logit >= max + Math.log(minP));
  const { weights, total } = weighed(entries, temperature);
  return Array.from({ length: DRAWS }, () => {
    const threshold = random.next() * total;
    let sum = 0;
    const place = weights.findIndex((weight) => {
      sum += weight;
      return sum > threshold;
    });
    return entries[place].id;
  });
}

type Filter = "topK" | "typicalP" | "topP" | "minP" | "temperature";

const compare = (a: number, b: number) => Number(a > b) - Number(a < b);

function loaded(logits: Float32Array): Candidates {
  const candidates = new Candidates(logits.length);
  candidates.load(logits);
  return candidates;
}

const found = ({ ids, size }: Candidates): number[] => [...ids.subarray(0, size)];

/** Entries whose logit is not theirs. */
const mixedUp = ({ ids, logits: kept, size }: Candidates, logits: Float32Array): number =>
  kept.subarray(0, size).filter((logit, i) => logit !== logits[ids[i]]).length;

const idsOf = (entries: readonly Entry[]): number[] => entries.map(({ id }) => id);

describe.each(Object.entries(LOGITS))("logits: %s", (_, logits) => {
  const all = Array.from(logits, (logit, id) => ({ id, logit }));

  it.each([0, 0.05, 0.5, 0.95, 0.999])("top-p %f keeps what sorting everything gives, in order", (p) => {
    const candidates = loaded(logits);
    topP(candidates, p);
    expect(found(candidates)).toEqual(idsOf(smallestSet(all, p, "weight")));
    expect(mixedUp(candidates, logits)).toBe(0);
  });

  it("a share that rounding may keep sums from reaching drops nothing that counts", () => {
    const { weights, total } = weighed(all);
    for (const filter of [topP, typicalP]) {
      const candidates = loaded(logits);
      filter(candidates, 1 - 2 ** -53);
      const mass = found(candidates).reduce((sum, id) => sum + weights[id], 0);
      expect(mass).toBeGreaterThan(total * (1 - 1e-12));
    }
  });

  it.each([0, 0.05, 0.5, 0.95, 0.999])("typical-p %f keeps what sorting everything gives, in order", (p) => {
    const candidates = loaded(logits);
    typicalP(candidates, p);
    expect(found(candidates)).toEqual(idsOf(smallestSet(all, p, "distance")));
    expect(mixedUp(candidates, logits)).toBe(0);
  });

  it.each<Partial<SamplingOptions>>([
    {},
    { topK: 40 },
    { topK: 5000 },
    { topP: 0.9 },
    { typicalP: 0.9 },
    { minP: 0.1 },
    { topK: 3000, topP: 0.9, typicalP: 0.8, minP: 0.05 },
  ])("the chain draws the tokens that its plain form draws: %o", (some) => {
    const options = { topK: 0, topP: 1, typicalP: 1, minP: 0, temperature: 0.8, ...some };
    const chain = new SamplerChain({ ...options, seed: 3 }, SIZE, 8);
    const tokens = Array.from({ length: DRAWS }, () => chain.sample(logits));
    expect(tokens).toEqual(plainTokens(logits, options, new Random(3)));
  });
});
