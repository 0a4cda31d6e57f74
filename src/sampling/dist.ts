import type { Candidates } from "./candidates.ts";
import type { Random } from "./random.ts";

/**
 * Draws one of the candidates with the probability that its logit gives it at this temperature, which is above 0: with one
 * random number r, the first entry at which the running sum of `weights` exceeds r times their sum.
 */
export function draw(candidates: Candidates, temperature: number, random: Random): number {
  const threshold = random.next() * candidates.weigh(temperature);
  const { ids, weights, size } = candidates;
  let sum = 0;
  let last = 0;
  for (let i = 0; i < size; i++) {
    if (weights[i] === 0) continue;
    sum += weights[i];
    last = i;
    if (sum > threshold) break;
  }
  return ids[last];
}
