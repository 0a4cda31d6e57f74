import { dot, type Matrix, type Tensor } from "../matrix.ts";
import type { Steps } from "../steps.ts";

/**
 * y[t][n] = W[routes[t][n]] · x[t], for each of the `used` experts n that token t has picked; W has shape
 * (in, out, experts). x has one row of `in` numbers for all of them, or `used` rows of its own per token.
 */
export function* expertMatmul(x: Matrix, weight: Tensor, routes: Matrix, { used }: { used: number }, y: Matrix): Steps {
  const [width, out] = weight.shape;
  const shared = x.width === width;
  for (let t = 0; t < y.rows; t++) {
    for (let n = 0; n < used; n++) {
      const expert = routes.data[t * routes.width + n];
      const from = t * x.width + (shared ? 0 : n * width);
      for (let o = 0; o < out; o++) {
        const row = (expert * out + o) * width;
        y.data[t * y.width + n * out + o] = dot(x.data, from, weight.data, row, width);
        yield;
      }
    }
  }
}
