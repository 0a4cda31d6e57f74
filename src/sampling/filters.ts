import type { Candidates } from "./candidates.ts";
import { countReaching, keepMass } from "./mass.ts";

/** Keeps the `k` likeliest; 0 keeps all. */
export function topK(candidates: Candidates, k: number): void {
  if (k < 1) return;
  const count = Math.min(k, candidates.size);
  if (!candidates.sorted) candidates.selectLargest(count);
  candidates.size = count;
  candidates.sorted = true;
}

/** Keeps the smallest set of the likeliest whose probabilities reach `p` (Holtzman et al. 2020); 1 keeps all. */
export function topP(candidates: Candidates, p: number): void {
  if (p >= 1) return;
  candidates.softmax();
  if (candidates.sorted) candidates.size = countReaching(candidates, p, candidates.size);
  else keepMass(candidates, candidates.logits, candidates.max, p);
}

/** Keeps what is at least `p` times as likely as the likeliest (Nguyen et al. 2024); 0 keeps all. */
export function minP(candidates: Candidates, p: number): void {
  if (p <= 0) return;
  const { logits, size } = candidates;
  let max = -Infinity;
  for (let i = 0; i < size; i++) if (logits[i] > max) max = logits[i];
  const least = max + Math.log(p);
  let kept = 0;
  for (let i = 0; i < size; i++) if (logits[i] >= least) candidates.keep(kept++, i);
  candidates.size = kept;
}

/**
 * Keeps the smallest set that reaches the probability `p` among the tokens whose surprise, −ln probability, is closest to
 * the entropy of the distribution (Meister et al. 2023, "Locally typical sampling"); 1 keeps all.
 */
export function typicalP(candidates: Candidates, p: number): void {
  if (p >= 1) return;
  const normalizer = candidates.softmax();
  const { logits, probabilities, scores, size } = candidates;
  let entropy = 0;
  for (let i = 0; i < size; i++) if (probabilities[i] > 0) entropy += probabilities[i] * (normalizer - logits[i]);
  let high = -Infinity;
  for (let i = 0; i < size; i++) {
    scores[i] = probabilities[i] > 0 ? -Math.abs(normalizer - logits[i] - entropy) : -Infinity;
    if (scores[i] > high) high = scores[i];
  }
  keepMass(candidates, scores, high, p);
  candidates.sorted = false;
}

/** Divides the logits by `t`, which is above 0: below 1 the likeliest gain, above 1 they lose. */
export function temperature(candidates: Candidates, t: number): void {
  if (t === 1) return;
  const { logits, size } = candidates;
  let max = -Infinity;
  for (let i = 0; i < size; i++) if (logits[i] > max) max = logits[i];
  // Relative to the largest, so that a tiny temperature does not overflow.
  for (let i = 0; i < size; i++) logits[i] = (logits[i] - max) / t;
}
