import { dot, type Matrix, type Tensor } from "../matrix.ts";
import type { Steps } from "../steps.ts";

/** y[t][o] = Σ x[t][i]·W[o][i] (+ bias[o]); W has shape (in, out). */
export function* matmul(x: Matrix, weight: Tensor, bias: Tensor | undefined, y: Matrix): Steps {
  for (let o = 0; o < y.width; o++) {
    for (let t = 0; t < x.rows; t++) {
      const sum = dot(x.data, t * x.width, weight.data, o * x.width, x.width);
      y.data[t * y.width + o] = sum + (bias?.data[o] ?? 0);
    }
    yield;
  }
}
