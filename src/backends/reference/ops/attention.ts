import type { AttentionParams } from "../../../core/graph.ts";
import type { Cache } from "../cache.ts";
import { dot, type Matrix } from "../matrix.ts";
import { softmax } from "../softmax.ts";
import type { Steps } from "../steps.ts";

/**
 * Causal attention (Vaswani et al. 2017): y = softmax(scale · q·kᵀ) · v over positions 0 … own. Query head h reads
 * key/value head h / (heads / kvHeads) (grouped queries, Ainslie et al. 2023).
 */
export function* attention(q: Matrix, cache: Cache, position: number, params: AttentionParams, y: Matrix): Steps {
  const { heads, kvHeads, headSize, valueSize, scale } = params;
  const { keys, values } = cache;
  for (let row = 0; row < q.rows; row++) {
    const visible = position + row + 1;
    for (let head = 0; head < heads; head++) {
      const kvHead = Math.floor(head / (heads / kvHeads));
      const scores = new Float64Array(visible);
      for (let p = 0; p < visible; p++) {
        const key = p * keys.width + kvHead * headSize;
        scores[p] = scale * dot(q.data, row * q.width + head * headSize, keys.data, key, headSize);
      }
      softmax(scores);
      const sums = new Float64Array(valueSize);
      for (let p = 0; p < visible; p++) {
        const value = p * values.width + kvHead * valueSize;
        for (let i = 0; i < valueSize; i++) sums[i] += scores[p] * values.data[value + i];
      }
      y.data.set(sums, row * y.width + head * valueSize);
      yield;
    }
  }
}
