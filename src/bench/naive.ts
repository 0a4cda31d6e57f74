import type { KernelSpec } from "../core/api.ts";
import { throwIfAborted } from "../core/errors.ts";
import { nextTask } from "../core/next-task.ts";

export type Product = Pick<Extract<KernelSpec, { kernel: "matmul" }>, "width" | "out" | "tokens">;

/** Side of the square matrices that are multiplied naively too, and most tokens: more would take seconds. */
const SIDE = 4096;
const MOST_TOKENS = 64;

/** Begins the names of naive products in reports. They are the browser's own speed, and nothing of the program. */
export const NAIVE = "naive ";

export const naiveName = ({ width, out, tokens }: Product): string =>
  `${NAIVE}product F32 ${width}×${out}, ${tokens} token${tokens === 1 ? "" : "s"}`;

/** The products among the kernels that are done naively as well, once whatever their type. */
export function naiveProducts(kernels: readonly KernelSpec[]): Product[] {
  const products = new Map<string, Product>();
  for (const spec of kernels) {
    if (spec.kernel !== "matmul" || spec.width !== SIDE || spec.out !== SIDE || spec.tokens > MOST_TOKENS) continue;
    const { width, out, tokens } = spec;
    products.set(naiveName(spec), { width, out, tokens });
  }
  return [...products.values()];
}

/** Multiplications and additions between two turns of other tasks. */
const SLICE_OPERATIONS = 2e7;

export interface NaiveTiming {
  readonly microseconds: number[];
  readonly bytes: number;
  readonly operations: number;
}

/**
 * Times y = W·x as one would write it at first: three loops in JavaScript over weights that are plain float32 already, on one
 * thread. Other tasks get their turn now and then, which is not counted. One repetition goes before, of one token.
 */
export async function timeNaive(
  { width, out, tokens }: Product,
  repetitions: number,
  signal?: AbortSignal,
): Promise<NaiveTiming> {
  const weights = mixedNumbers(width * out);
  const x = mixedNumbers(width * tokens);
  const y = new Float32Array(out * tokens);
  const slice = Math.max(1, Math.floor(SLICE_OPERATIONS / (2 * width * tokens)));
  const once = async (count: number) => {
    let milliseconds = 0;
    for (let from = 0; from < out; from += slice) {
      await nextTask();
      throwIfAborted(signal);
      const start = performance.now();
      naiveRows(weights, x, y, width, out, count, from, Math.min(out, from + slice));
      milliseconds += performance.now() - start;
    }
    return milliseconds * 1000;
  };
  await once(1);
  const microseconds: number[] = [];
  for (let i = 0; i < repetitions; i++) microseconds.push(await once(tokens));
  return { microseconds, bytes: 4 * (width * out + (width + out) * tokens), operations: 2 * width * out * tokens };
}

function mixedNumbers(count: number): Float32Array {
  const numbers = new Float32Array(count);
  for (let i = 0; i < count; i++) numbers[i] = ((i * 7919) % 2003) / 2003 - 0.5;
  return numbers;
}

/** Rows `from` to `to` of the product: y[token][row] = Σ W[row][i] · x[token][i]. */
export function naiveRows(
  weights: Float32Array,
  x: Float32Array,
  y: Float32Array,
  width: number,
  out: number,
  tokens: number,
  from: number,
  to: number,
): void {
  for (let row = from; row < to; row++) {
    for (let token = 0; token < tokens; token++) {
      let sum = 0;
      for (let i = 0; i < width; i++) sum += weights[row * width + i] * x[token * width + i];
      y[token * out + row] = sum;
    }
  }
}
