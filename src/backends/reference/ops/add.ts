import type { Matrix } from "../matrix.ts";
import type { Steps } from "../steps.ts";

/** y = a + b. */
export function* add(a: Matrix, b: Matrix, y: Matrix): Steps {
  for (let row = 0; row < y.rows; row++) {
    for (let i = row * y.width; i < (row + 1) * y.width; i++) y.data[i] = a.data[i] + b.data[i];
    yield;
  }
}
