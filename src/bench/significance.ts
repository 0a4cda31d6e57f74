/** Up to so many samples together the distribution is counted out, beyond it the normal one stands for it. */
const MOST_EXACT = 60;

/** A difference is called one below this probability, as benchstat does. */
export const ALPHA = 0.05;

/**
 * Probability, if both sides came from one distribution, of ranks at least as uneven as these (Mann and Whitney 1947,
 * two-sided): exact, equal values sharing their mean rank; for many samples by the normal approximation with correction for
 * ties and continuity. 1 where a side has no samples.
 */
export function mannWhitney(a: readonly number[], b: readonly number[]): number {
  if (a.length === 0 || b.length === 0) return 1;
  const ranks = doubledRanks([...a, ...b]);
  const sum = ranks.slice(0, a.length).reduce((total, rank) => total + rank, 0);
  return a.length + b.length <= MOST_EXACT ? exact(ranks, a.length, sum) : approximate(ranks, a.length, sum);
}

/** Pairs from which on `pairedT` is used: fewer know too little of their own spread. */
export const LEAST_PAIRS = 4;

/**
 * Probability, if pairs differed by chance alone, of a mean difference at least as far from zero: Student's t-test for pairs,
 * two-sided. 1 for fewer than two pairs, and where nothing differs.
 */
export function pairedT(differences: readonly number[]): number {
  const n = differences.length;
  const mean = differences.reduce((sum, one) => sum + one, 0) / n;
  const squares = differences.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  if (n < 2 || mean === 0) return 1;
  return studentTails(Math.abs(mean) / Math.sqrt(squares / (n - 1) / n), n - 1);
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

/**
 * Whether one of so many tests with samples so few could differ significantly at all: the most uneven order of n and m has
 * p = 2 / C(n + m, n), which `holm` multiplies.
 */
export function canDiffer(n: number, m: number, tests = 1): boolean {
  let orders = 1;
  for (let i = 1; i <= Math.min(n, m); i++) orders = (orders * (n + m - i + 1)) / i;
  return (2 / orders) * tests < ALPHA;
}

/** Ranks from 1 on, times two, so that the mean rank of equal values is a whole number. */
function doubledRanks(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((i, j) => values[i] - values[j]);
  const ranks = new Array<number>(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[order[to]] === values[order[from]]) to++;
    for (let place = from; place < to; place++) ranks[order[place]] = from + 1 + to;
    from = to;
  }
  return ranks;
}

/** Counts the choices of `count` ranks by their sum, those of every rank added in turn. */
function exact(ranks: readonly number[], count: number, sum: number): number {
  const most = ranks.reduce((total, rank) => total + rank, 0);
  const choices = Array.from({ length: count + 1 }, () => new Float64Array(most + 1));
  choices[0][0] = 1;
  for (const rank of ranks) {
    for (let taken = count; taken > 0; taken--) {
      const [target, from] = [choices[taken], choices[taken - 1]];
      for (let s = most; s >= rank; s--) target[s] += from[s - rank];
    }
  }
  let [below, above, all] = [0, 0, 0];
  choices[count].forEach((ways, s) => {
    all += ways;
    if (s <= sum) below += ways;
    if (s >= sum) above += ways;
  });
  return Math.min(1, (2 * Math.min(below, above)) / all);
}

function approximate(ranks: readonly number[], count: number, sum: number): number {
  const n = ranks.length;
  const other = n - count;
  const ties = new Map<number, number>();
  for (const rank of ranks) ties.set(rank, (ties.get(rank) ?? 0) + 1);
  const tied = [...ties.values()].reduce((total, t) => total + t ** 3 - t, 0);
  const variance = ((count * other) / 12) * (n + 1 - tied / (n * (n - 1)));
  if (variance === 0) return 1;
  const distance = Math.max(0, Math.abs(sum / 2 - (count * (n + 1)) / 2) - 0.5);
  return Math.min(1, 2 * upperTail(distance / Math.sqrt(variance)));
}

/** Probability that a standard normal number exceeds z ≥ 0 (Abramowitz and Stegun 1964, 26.2.17; error below 7.5e-8). */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const polynomial = [1.330274429, -1.821255978, 1.781477937, -0.356563782, 0.31938153].reduce(
    (y, c) => (y + c) * t,
    0,
  );
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
}
