/** Pieces of work, the first of which warm up. */
const PIECES = 24;
const WARMUPS = 8;
/** Steps of arithmetic in one piece: some milliseconds. */
const STEPS = 400_000;

/**
 * The share of a processor that others took from this thread, 0 … 1: how much longer equal pieces of work took than the
 * fastest of them, on the whole.
 */
export function takenShare(milliseconds: readonly number[]): number {
  const all = milliseconds.reduce((sum, one) => sum + one, 0);
  const least = Math.min(...milliseconds) * milliseconds.length;
  return all > 0 ? 1 - least / all : 0;
}

/** Measures it, for some tens of milliseconds. */
export function measureLoad(): number {
  const times: number[] = [];
  let state = 1;
  for (let piece = 0; piece < PIECES; piece++) {
    const start = performance.now();
    for (let step = 0; step < STEPS; step++) state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    times.push(performance.now() - start);
  }
  // The result must be wanted, or the loop could be left out.
  if (!Number.isInteger(state)) throw new Error("the sum is no number");
  return takenShare(times.slice(WARMUPS));
}
