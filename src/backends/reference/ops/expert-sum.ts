import type { Matrix } from "../matrix.ts";
import type { Steps } from "../steps.ts";

/** y[t] = Σ weight[t][n] · x[t][n] over the picked experts n. */
export function* expertSum(x: Matrix, routes: Matrix, { used }: { used: number }, y: Matrix): Steps {
  for (let t = 0; t < y.rows; t++) {
    for (let i = 0; i < y.width; i++) {
      let sum = 0;
      for (let n = 0; n < used; n++) {
        sum += routes.data[t * routes.width + used + n] * x.data[t * x.width + n * y.width + i];
      }
      y.data[t * y.width + i] = sum;
    }
    yield;
  }
}
