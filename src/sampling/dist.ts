import type { Candidates } from "./candidates.ts";
import type { Random } from "./random.ts";

/** Draws one of the candidates with the probability that its logit gives it. */
export function draw(candidates: Candidates, random: Random): number {
  candidates.softmax();
  const { ids, probabilities, size } = candidates;
  let left = random.next();
  let last = 0;
  for (let i = 0; i < size; i++) {
    if (probabilities[i] === 0) continue;
    left -= probabilities[i];
    last = i;
    if (left < 0) break;
  }
  // Rounding can leave a little behind the last one.
  return ids[last];
}
