/** Activations: `rows` rows of `width` numbers, one row after another. */
export interface Matrix {
  readonly data: Float32Array;
  readonly rows: number;
  readonly width: number;
}

/** A weight as plain floats. `shape[0]` is the length of a row, as in the file. */
export interface Tensor {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

export function newMatrix(rows: number, width: number): Matrix {
  return { data: new Float32Array(rows * width), rows, width };
}

/** Σ a[i]·b[i] over `length` numbers, summed in float64. */
export function dot(a: Float32Array, aStart: number, b: Float32Array, bStart: number, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += a[aStart + i] * b[bStart + i];
  return sum;
}
