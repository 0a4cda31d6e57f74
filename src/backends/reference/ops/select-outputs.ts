import type { Matrix } from "../matrix.ts";
import type { Steps } from "../steps.ts";

/** y[i] = x[outputs[i]]. */
export function* selectOutputs(x: Matrix, outputs: readonly number[], y: Matrix): Steps {
  for (let row = 0; row < y.rows; row++) {
    const start = outputs[row] * x.width;
    y.data.set(x.data.subarray(start, start + x.width), row * y.width);
    yield;
  }
}
