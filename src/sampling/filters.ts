import type { Candidates } from "./candidates.ts";
import { keepMass } from "./mass.ts";

/** Keeps the `k` likeliest, and puts them in order; 0 keeps all. */
export function topK(candidates: Candidates, k: number): void {
  if (k >= 1) candidates.keepLargest(k);
}

/**
 * Keeps the smallest set of the likeliest whose probabilities reach `p` (Holtzman et al. 2020); 1 keeps all. Tokens of the same
 * weight, which is in single precision, are equally likely.
 */
export function topP(candidates: Candidates, p: number): void {
  if (p >= 1) return;
  const mass = p * candidates.weigh();
  keepMass(candidates, candidates.weightBits, true, mass);
}

/** Keeps what is at least `p` times as likely as the likeliest (Nguyen et al. 2024); 0 keeps all. */
export function minP(candidates: Candidates, p: number): void {
  if (p <= 0) return;
  const { logits, max, size } = candidates;
  const least = max + Math.log(p);
  let kept = 0;
  for (let i = 0; i < size; i++) if (logits[i] >= least) candidates.keep(kept++, i);
  candidates.size = kept;
}

/**
 * Keeps the smallest set that reaches the probability `p` among the tokens whose surprise, −ln probability, is closest to
 * the entropy of the distribution (Meister et al. 2023, "Locally typical sampling"); 1 keeps all. Since entropy is the mean
 * surprise and ln probability the logit less a constant, that is the distance of the logit from the mean logit; distances
 * that are the same in single precision are equal.
 */
export function typicalP(candidates: Candidates, p: number): void {
  if (p >= 1) return;
  const total = candidates.weigh();
  const { logits, weights, scores, max, size } = candidates;
  let mean = 0;
  for (let i = 0; i < size; i++) if (weights[i] > 0) mean += weights[i] * (logits[i] - max);
  mean /= total;
  for (let i = 0; i < size; i++) scores[i] = Math.abs(logits[i] - max - mean);
  keepMass(candidates, candidates.scoreBits, false, p * total);
  candidates.max = Number.NaN;
}
