import type { DType } from "../../../core/dtype.ts";
import { dequantize } from "../../../quant/index.ts";
import { SeededRandom } from "../../cases/random.ts";
import { eightBitBytes, randomWeights, setSubnormalScales } from "../../cases/random-weights.ts";
import { isFloat } from "../formats.ts";
import type { Dispatch, Kernel } from "../kernel.ts";
import { planeLayout, splitRows } from "../planes.ts";
import type { Matrix, View } from "../views.ts";

/** A small task whose results are known: the kernel in question is among the dispatches, made as for a model. */
export interface KernelCase {
  readonly dispatches: readonly Dispatch[];
  /** Rows of the run. */
  readonly rows: number;
  readonly results: readonly Result[];
}

export interface Result {
  readonly buffer: GPUBuffer;
  /** What is wrong with the buffer's content, for people; undefined when nothing is. */
  fault(content: ArrayBuffer): string | undefined;
}

/** Makes the case for a kernel of one file. */
export type MakeCase = (kernel: Kernel, buffers: CaseBuffers) => KernelCase;

/**
 * Largest deviations from exact results that are rounding, as parts of the results' root mean square; those of the table of op
 * cases. A wrong kernel (a lane that is lost, a scale taken for zero) is off by more than a hundredth. The inputs of products
 * lose nothing as 8-bit numbers; halves may also be what is summed in.
 */
export const ROUNDING = 1e-4;
export const HALF_ROUNDING = 5e-3;
/** gate · up: what one factor is off by is multiplied with the other, which may be well above the mean. */
export const HALF_GLU_ROUNDING = 2e-2;

/** What a case allocates. */
export interface CaseBuffers {
  /** Zeros. */
  storage(bytes: number): GPUBuffer;
  upload(data: Uint32Array<ArrayBuffer> | Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>): GPUBuffer;
}

export const has = (kernel: Kernel, define: string): boolean => kernel.defines.includes(define);

/** The number in `NAME=4`. */
export function numberOf(kernel: Kernel, name: string): number {
  const define = kernel.defines.find((d) => d.startsWith(`${name}=`));
  return Number(define?.slice(name.length + 1));
}

export function gaussian(count: number, seed: string, magnitude = 1): Float32Array<ArrayBuffer> {
  const random = new SeededRandom(seed);
  return Float32Array.from({ length: count }, () => random.gaussian() * magnitude);
}

/** Numbers that are the same after rounding to 8 bits or to halves. */
export const eightBit = (count: number, seed: string): Float32Array<ArrayBuffer> =>
  new Float32Array(eightBitBytes(count, seed).buffer);

/** A matrix of random weights and its values; the scales of its last row are subnormal halves, if it has such. */
export function makeMatrix(buffers: CaseBuffers, dtype: DType, width: number, rows: number, seed: string) {
  const bytes = randomWeights(dtype, width * rows, seed);
  const rowBytes = bytes.length / rows;
  if (!isFloat(dtype)) setSubnormalScales(dtype, bytes.subarray((rows - 1) * rowBytes));
  const { words, small, book } = planeLayout(dtype, width, rows);
  const planes = new Uint8Array(words * 4);
  for (const piece of splitRows({ dtype, width, rows, small, book }, bytes, 0, rows)) {
    planes.set(piece.bytes, piece.byteOffset);
  }
  const matrix: Matrix = { dtype, buffer: buffers.upload(planes), width, rows, small, book };
  return { matrix, values: dequantize(dtype, bytes, width * rows) };
}

/** Rows that begin `offset` numbers into a buffer and stand `stride` apart. */
export function makeView(
  buffers: CaseBuffers,
  data: Float32Array,
  width: number,
  { offset, stride }: Pick<View, "offset" | "stride">,
): View {
  const rows = data.length / width;
  const all = new Float32Array(offset + rows * stride);
  for (let r = 0; r < rows; r++) all.set(data.subarray(r * width, (r + 1) * width), offset + r * stride);
  return { buffer: buffers.upload(all), offset, stride };
}

/** The rows of a view are to be these. */
export function expectRows(view: View, width: number, expected: Float32Array, tolerance: number): Result {
  return {
    buffer: view.buffer,
    fault(content) {
      const all = new Float32Array(content);
      const found = expected.map((_, i) => all[view.offset + Math.floor(i / width) * view.stride + (i % width)]);
      return faultIn(found, expected, tolerance);
    },
  };
}

/** The numbers from the beginning of a buffer are to be these. */
export const expectNumbers = (
  buffer: GPUBuffer,
  expected: Float32Array,
  tolerance: number,
  read: (content: ArrayBuffer) => ArrayLike<number> = (content) => new Float32Array(content),
): Result => ({ buffer, fault: (content) => faultIn(read(content), expected, tolerance) });

/** The number that is farthest off, if it is by more than `tolerance` times the root mean square of what was expected. */
export function faultIn(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): string | undefined {
  let squares = 0;
  let worst = 0;
  let at = 0;
  for (let i = 0; i < expected.length; i++) {
    squares += expected[i] ** 2;
    const distance = Math.abs((found[i] ?? Number.NaN) - expected[i]);
    if (distance <= worst) continue;
    at = i;
    worst = Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance;
    if (worst === Number.POSITIVE_INFINITY) break;
  }
  if (worst <= tolerance * Math.sqrt(squares / expected.length)) return undefined;
  return `found ${round(found[at])} where ${round(expected[at])} was expected`;
}

const round = (x: number | undefined) => Number(x).toPrecision(5);
