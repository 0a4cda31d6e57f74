import { WebggufError } from "../core/errors.ts";

/**
 * The token with the largest logit, of equal ones the first.
 * Throws `internal` when a logit is no number, `invalid-argument` when every token is ruled out (all −Infinity).
 */
export function argmax(logits: Float32Array): number {
  let best = -1;
  let max = -Infinity;
  for (let i = 0; i < logits.length; i++) {
    const logit = logits[i];
    if (logit <= max) continue;
    if (Number.isNaN(logit)) notNumbers(`NaN for token ${i}`);
    max = logit;
    best = i;
  }
  if (max === Infinity) notNumbers(`infinity for token ${best}`);
  if (best < 0) {
    throw new WebggufError(
      "invalid-argument",
      `No token can follow: all ${logits.length} logits are minus infinity. Relax \`logitBias\`; if there is none, the model file may be damaged.`,
    );
  }
  return best;
}

function notNumbers(found: string): never {
  throw new WebggufError(
    "internal",
    `The model's output is not a list of numbers (${found}). The file may be damaged or the device may compute wrongly; try another backend or another copy of the file.`,
  );
}
