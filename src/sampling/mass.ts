import type { Candidates } from "./candidates.ts";

/** Keys further than this below the largest share the last bin: e⁻⁴⁰ of its probability is nothing. */
const RANGE = 40;

/**
 * Keeps the entries with the largest keys (logits, or `scores`) whose probabilities together reach `p`. The vocabulary
 * is not sorted for it: a histogram over the keys finds the bin in which the sum reaches `p`, and only that one is.
 */
export function keepMass(candidates: Candidates, keys: Float32Array, p: number): void {
  const { probabilities, bins, size } = candidates;
  let max = -Infinity;
  for (let i = 0; i < size; i++) if (keys[i] > max) max = keys[i];
  const last = bins.length - 1;
  const scale = bins.length / RANGE;
  const binOf = (key: number) => Math.min(last, Math.floor((max - key) * scale));

  bins.fill(0);
  for (let i = 0; i < size; i++) bins[binOf(keys[i])] += probabilities[i];
  let edge = 0;
  let above = 0;
  while (edge < last && above + bins[edge] < p) above += bins[edge++];

  // The bin at the edge goes to the front to be sorted, then what is above it follows.
  let atEdge = 0;
  for (let i = 0; i < size; i++) if (binOf(keys[i]) === edge) candidates.swap(i, atEdge++);
  candidates.size = atEdge;
  candidates.selectLargest(atEdge, keys);
  let kept = countReaching(candidates, p - above, atEdge);
  for (let i = atEdge; i < size; i++) if (binOf(keys[i]) < edge) candidates.keep(kept++, i);
  candidates.size = kept;
}

/** How many of the first `count` entries it takes to reach the probability `p`; at least one, all if they do not. */
export function countReaching({ probabilities }: Candidates, p: number, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    sum += probabilities[i];
    if (sum >= p) return i + 1;
  }
  return count;
}
