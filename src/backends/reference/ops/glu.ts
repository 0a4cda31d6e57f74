import type { Matrix } from "../matrix.ts";
import type { Steps } from "../steps.ts";

/** y = silu(gate) · up, where silu(x) = x / (1 + e⁻ˣ) (Shazeer 2020). */
export function* glu(gate: Matrix, up: Matrix, y: Matrix): Steps {
  for (let row = 0; row < y.rows; row++) {
    for (let i = row * y.width; i < (row + 1) * y.width; i++) {
      const x = gate.data[i];
      y.data[i] = (x / (1 + Math.exp(-x))) * up.data[i];
    }
    yield;
  }
}
