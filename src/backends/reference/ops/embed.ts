import type { Matrix, Tensor } from "../matrix.ts";
import type { Steps } from "../steps.ts";

/** y[t] = row tokens[t] of the table (width, vocabulary). */
export function* embed(tokens: ArrayLike<number>, table: Tensor, y: Matrix): Steps {
  for (let t = 0; t < y.rows; t++) {
    const start = tokens[t] * y.width;
    y.data.set(table.data.subarray(start, start + y.width), t * y.width);
    yield;
  }
}
