/** The middle value; of an even count, the mean of the two in the middle. NaN when there is none. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export interface Quartiles {
  lower: number;
  median: number;
  upper: number;
}

/** Quartiles by linear interpolation between the sorted values (Hyndman and Fan 1996, type 7). NaN when there is none. */
export function quartiles(values: readonly number[]): Quartiles {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => {
    const place = share * (sorted.length - 1);
    const below = Math.floor(place);
    const above = Math.min(below + 1, sorted.length - 1);
    return sorted.length ? sorted[below] + (place - below) * (sorted[above] - sorted[below]) : Number.NaN;
  };
  return { lower: at(0.25), median: at(0.5), upper: at(0.75) };
}

export interface Summary {
  median: number;
  min: number;
  max: number;
  count: number;
}

export function summarize(values: readonly number[]): Summary {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values), count: values.length };
}

/** The mean that ratios have: exp of the mean of the logarithms. */
export function geometricMean(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/**
 * `a` over `b` where both were measured round by round, one after the other: the ratio of the medians within each round,
 * summarised over the rounds. A machine that slows down for a while slows both sides of a round, and the ratio stays.
 * Rounds in which either side has no samples are left out.
 */
export function pairedRatio(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): Summary {
  const ratios: number[] = [];
  for (let round = 0; round < Math.min(a.length, b.length); round++) {
    if (a[round].length && b[round].length) ratios.push(median(a[round]) / median(b[round]));
  }
  return summarize(ratios);
}
