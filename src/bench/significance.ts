/** A difference is called one below this probability, as benchstat does. */
export const ALPHA = 0.05;

/** Samples of each side, or pairs, from which on a verdict is given: fewer know too little of their own spread. */
export const LEAST = 4;

/**
 * Probability, if both sides had one mean, of means at least as far apart: Welch's t-test (1947), two-sided, with the degrees
 * of freedom rounded down. 1 where a side has fewer than two samples, and where nothing differs.
 */
export function welch(a: readonly number[], b: readonly number[]): number {
  const distance = Math.abs(mean(a) - mean(b));
  if (Math.min(a.length, b.length) < 2 || distance === 0) return 1;
  const [first, second] = [variance(a) / a.length, variance(b) / b.length];
  const both = first + second;
  if (both === 0) return 0;
  const degrees = both ** 2 / (first ** 2 / (a.length - 1) + second ** 2 / (b.length - 1));
  return studentTails(distance / Math.sqrt(both), Math.floor(degrees));
}

/**
 * Probability, if pairs differed by chance alone, of a mean difference at least as far from zero: Student's t-test for pairs,
 * two-sided. 1 for fewer than two pairs, and where nothing differs.
 */
export function pairedT(differences: readonly number[]): number {
  const n = differences.length;
  const distance = Math.abs(mean(differences));
  if (n < 2 || distance === 0) return 1;
  return studentTails(distance / Math.sqrt(variance(differences) / n), n - 1);
}

const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;

/** Of the population that the values are from. */
function variance(values: readonly number[]): number {
  const middle = mean(values);
  return values.reduce((sum, one) => sum + (one - middle) ** 2, 0) / (values.length - 1);
}

/** Both tails of Student's distribution beyond t ≥ 0, for whole degrees of freedom (Abramowitz and Stegun 1964, 26.7.3–4). */
function studentTails(t: number, degrees: number): number {
  const angle = Math.atan(t / Math.sqrt(degrees));
  const cosine = Math.cos(angle);
  const odd = degrees % 2;
  let term = odd ? cosine : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let k = odd ? 3 : 2; k < degrees; k += 2) {
    term *= ((k - 1) / k) * cosine ** 2;
    sum += term;
  }
  const inner = Math.sin(angle) * sum;
  return Math.max(0, 1 - (odd ? (2 / Math.PI) * (angle + inner) : inner));
}

/** Holm 1979: probabilities of many tests such that below ALPHA, by chance alone, there is none in 19 of 20 families. */
export function holm(probabilities: readonly number[]): number[] {
  const order = probabilities.map((_, index) => index).sort((i, j) => probabilities[i] - probabilities[j]);
  const adjusted = new Array<number>(probabilities.length);
  let least = 0;
  order.forEach((index, place) => {
    least = Math.max(least, Math.min(1, probabilities[index] * (order.length - place)));
    adjusted[index] = least;
  });
  return adjusted;
}
