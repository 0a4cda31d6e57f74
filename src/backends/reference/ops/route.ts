import type { Matrix } from "../matrix.ts";
import { softmax } from "../softmax.ts";
import type { Steps } from "../steps.ts";

/**
 * The `used` experts with the largest logits, largest first (the lower number where logits are equal), then their
 * weights: the softmax over those logits alone (Jiang et al. 2024, "Mixtral of Experts", equation 1).
 */
export function* route(logits: Matrix, { used }: { used: number }, y: Matrix): Steps {
  for (let row = 0; row < y.rows; row++) {
    const scores = logits.data.subarray(row * logits.width, (row + 1) * logits.width);
    const ranked = Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a] || a - b);
    const picked = ranked.slice(0, used);
    const weights = Float64Array.from(picked, (expert) => scores[expert]);
    softmax(weights);
    y.data.set(picked, row * y.width);
    y.data.set(weights, row * y.width + used);
    yield;
  }
}
