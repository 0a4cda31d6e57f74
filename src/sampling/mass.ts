import type { Candidates } from "./candidates.ts";

/** Keys further than this below the largest share the last bin: e⁻⁴⁰ of its probability is nothing. */
const RANGE = 40;
/** A bin with more entries than this is divided before it is sorted. */
const CROWDED = 4096;

/**
 * Keeps the entries with the largest keys (logits, or `scores`) whose probabilities together reach `p`. The vocabulary
 * is not sorted for it: a histogram over the keys finds the bin in which the sum reaches `p`, and only that one is. Where
 * the keys lie close, a histogram of that bin alone follows. O(size).
 */
export function keepMass(candidates: Candidates, keys: Float32Array, p: number): void {
  const { probabilities, bins, size } = candidates;
  const last = bins.length - 1;
  // The keys of the bin at the edge, and the probability of all above them.
  let high = -Infinity;
  for (let i = 0; i < size; i++) if (keys[i] > high) high = keys[i];
  let low = -Infinity;
  let above = 0;
  let scale = bins.length / RANGE;
  while (true) {
    bins.fill(0);
    for (let i = 0; i < size; i++) {
      const key = keys[i];
      if (key > high || key < low) continue;
      const bin = (high - key) * scale;
      bins[bin < last ? bin | 0 : last] += probabilities[i];
    }
    let edge = 0;
    while (edge < last && above + bins[edge] < p) above += bins[edge++];
    let top = -Infinity;
    let bottom = Infinity;
    let crowd = 0;
    for (let i = 0; i < size; i++) {
      const key = keys[i];
      if (key > high || key < low) continue;
      const bin = (high - key) * scale;
      if ((bin < last ? bin | 0 : last) !== edge) continue;
      // What is ruled out adds nothing.
      if (key === -Infinity) continue;
      if (key > top) top = key;
      if (key < bottom) bottom = key;
      crowd++;
    }
    high = top;
    low = bottom;
    if (crowd <= CROWDED || low === high) break;
    scale = bins.length / (high - low);
  }

  // The entries at the edge go to the front to be sorted, then those above them follow.
  let atEdge = 0;
  for (let i = 0; i < size; i++) if (keys[i] <= high && keys[i] >= low) candidates.swap(i, atEdge++);
  candidates.size = atEdge;
  candidates.selectLargest(atEdge, keys);
  let kept = countReaching(candidates, p - above, atEdge);
  for (let i = atEdge; i < size; i++) if (keys[i] > high) candidates.keep(kept++, i);
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
