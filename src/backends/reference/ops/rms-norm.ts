import type { Matrix, Tensor } from "../matrix.ts";
import type { Steps } from "../steps.ts";

/** y = x / sqrt(mean(x²) + eps) · weight, for each of `groups` equal parts of a row (Zhang and Sennrich 2019). */
export function* rmsNorm(x: Matrix, weight: Tensor, params: { eps: number; groups: number }, y: Matrix): Steps {
  const size = x.width / params.groups;
  for (let row = 0; row < x.rows; row++) {
    for (let group = 0; group < params.groups; group++) {
      const start = row * x.width + group * size;
      let squares = 0;
      for (let i = 0; i < size; i++) squares += x.data[start + i] ** 2;
      const factor = 1 / Math.sqrt(squares / size + params.eps);
      for (let i = 0; i < size; i++) y.data[start + i] = x.data[start + i] * factor * weight.data[i];
    }
    yield;
  }
}
