import type { AttentionParams } from "../../../core/graph.ts";
import type { Cache } from "../cache.ts";
import { dot, type Matrix, type Tensor } from "../matrix.ts";
import { softmax } from "../softmax.ts";
import type { Steps } from "../steps.ts";

/**
 * Causal attention (Vaswani et al. 2017): y = softmax(scale · q·kᵀ) · v over positions 0 … own, or the last `window` of
 * them. Query head h reads key/value head h / (heads / kvHeads) (grouped queries, Ainslie et al. 2023). Scores may be
 * capped: softcap · tanh(score / softcap). `sinks` are one more score for each head, without a value.
 */
export function* attention(
  q: Matrix,
  sinks: Tensor | undefined,
  cache: Cache,
  position: number,
  params: AttentionParams,
  y: Matrix,
): Steps {
  const { heads, kvHeads, headSize, valueSize, scale, window, softcap } = params;
  const { keys, values } = cache;
  for (let row = 0; row < q.rows; row++) {
    const end = position + row + 1;
    const first = window ? Math.max(0, end - window) : 0;
    const visible = end - first;
    for (let head = 0; head < heads; head++) {
      const kvHead = Math.floor(head / (heads / kvHeads));
      const scores = new Float64Array(visible + (sinks ? 1 : 0));
      for (let p = 0; p < visible; p++) {
        const key = (first + p) * keys.width + kvHead * headSize;
        const product = scale * dot(q.data, row * q.width + head * headSize, keys.data, key, headSize);
        scores[p] = softcap ? softcap * Math.tanh(product / softcap) : product;
      }
      if (sinks) scores[visible] = sinks.data[head];
      softmax(scores);
      const sums = new Float64Array(valueSize);
      for (let p = 0; p < visible; p++) {
        const value = (first + p) * values.width + kvHead * valueSize;
        for (let i = 0; i < valueSize; i++) sums[i] += scores[p] * values.data[value + i];
      }
      y.data.set(sums, row * y.width + head * valueSize);
      yield;
    }
  }
}
