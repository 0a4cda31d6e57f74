/** Replaces logits by exp(x) / Σ exp(x), computed with the largest subtracted. */
export function softmax(x: Float64Array): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (const value of x) largest = Math.max(largest, value);
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    x[i] = Math.exp(x[i] - largest);
    sum += x[i];
  }
  for (let i = 0; i < x.length; i++) x[i] /= sum;
}
