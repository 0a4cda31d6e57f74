import type { Candidates } from "./candidates.ts";

/** Keys further than this below the largest share the last bin: e⁻⁴⁰ of its probability is nothing. */
const RANGE = 40;
/** A bin with more entries than this is divided before it is sorted. */
const CROWDED = 4096;

/**
 * Keeps the entries with the largest keys (logits, or `scores`; `high` is the largest) whose probabilities together reach
 * `p`. The vocabulary is not sorted for it: a histogram over the keys finds the bin in which the sum reaches `p`, and only
 * that one is; where keys crowd there, by a finer histogram of that bin alone. O(size).
 */
export function keepMass(candidates: Candidates, keys: Float32Array, high: number, p: number): void {
  candidates.size = keepAmong(candidates, keys, high, p, candidates.size, RANGE);
}

/** Does so with the first `count` entries, and returns how many stay. `range`: width of the histogram. */
function keepAmong(
  candidates: Candidates,
  keys: Float32Array,
  high: number,
  p: number,
  count: number,
  range: number,
): number {
  const { probabilities, bins } = candidates;
  const last = bins.length - 1;
  const scale = bins.length / range;
  bins.fill(0);
  for (let i = 0; i < count; i++) {
    const place = (high - keys[i]) * scale;
    bins[place < last ? place | 0 : last] += probabilities[i];
  }
  let edge = 0;
  let above = 0;
  while (edge < last && above + bins[edge] < p) above += bins[edge++];

  // The bin at the edge goes to the front, then what is above it follows. Keys of minus infinity are ruled out.
  const next = edge < last ? edge + 1 : Infinity;
  let atEdge = 0;
  for (let i = 0; i < count; i++) {
    const place = (high - keys[i]) * scale;
    if (place >= edge && place < next) candidates.swap(i, atEdge++);
  }
  let kept = keepFirst(candidates, keys, p - above, atEdge);
  for (let i = atEdge; i < count; i++) if ((high - keys[i]) * scale < edge) candidates.keep(kept++, i);
  return kept;
}

/** Sorts the first `count` entries as far as it takes to tell which of them reach `p`, and returns how many do. */
function keepFirst(candidates: Candidates, keys: Float32Array, p: number, count: number): number {
  if (count > CROWDED) {
    let high = -Infinity;
    let low = Infinity;
    for (let i = 0; i < count; i++) {
      if (keys[i] > high) high = keys[i];
      if (keys[i] < low) low = keys[i];
    }
    if (high > low) return keepAmong(candidates, keys, high, p, count, high - low);
  }
  candidates.size = count;
  candidates.selectLargest(count, keys);
  return countReaching(candidates, p, count);
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
