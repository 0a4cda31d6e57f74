import type { Candidates } from "./candidates.ts";

/** From this many entries on, keys are looked at sixteen bits at a time, otherwise eight. */
const MANY = 4096;

/**
 * Keeps the smallest set of entries that go first by `keys` whose `weights` together reach `mass`, at least one. The keys are
 * the bits of numbers that are not negative: the smallest go first, or if `descending` the largest.
 *
 * Nothing is sorted for it: a histogram of the weights by the upper bits of the keys finds where the sum reaches `mass`, and one
 * by the bits below it, of the entries that share the upper ones, finds the very key. O(size), whatever the distribution.
 */
export function keepMass(candidates: Candidates, keys: Int32Array, descending: boolean, mass: number): void {
  const { ids, logits, weights, bins, size } = candidates;
  // Ranks are what goes first if it is small.
  const flip = descending ? 0x7fffffff : 0;
  const bits = size > MANY ? 16 : 8;
  const digit = (1 << bits) - 1;
  let shift = 32 - bits;
  bins.fill(0, 0, digit + 1);
  for (let i = 0; i < size; i++) bins[(keys[i] ^ flip) >>> shift] += weights[i];

  let left = Math.max(mass, Number.MIN_VALUE);
  let border = 0;
  while (true) {
    // The last bin, if rounding leaves the sum below the mass.
    const last = (0x7fffffff >>> shift) & digit;
    let bin = 0;
    while (bin < last && bins[bin] < left) left -= bins[bin++];
    border = (border << bits) | bin;
    if (shift === 0) break;
    const known = shift;
    shift -= bits;
    bins.fill(0, 0, digit + 1);
    for (let i = 0; i < size; i++) {
      const rank = keys[i] ^ flip;
      if (rank >> known === border) bins[(rank >>> shift) & digit] += weights[i];
    }
  }

  // What is below the border stays; of the entries at it those that stand first, until nothing is left for them. Adding sign bits
  // to the count stands for branches that would often be mispredicted.
  let kept = 0;
  let i = 0;
  while (i < size && left > 0) {
    const difference = (keys[i] ^ flip) - border;
    ids[kept] = ids[i];
    logits[kept] = logits[i];
    kept += (difference - 1) >>> 31;
    if (difference === 0) left -= weights[i];
    i++;
  }
  for (; i < size; i++) {
    ids[kept] = ids[i];
    logits[kept] = logits[i];
    kept += ((keys[i] ^ flip) - border) >>> 31;
  }
  candidates.size = kept;
}
