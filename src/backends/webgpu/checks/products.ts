import type { DType } from "../../../core/dtype.ts";
import { isFloat } from "../formats.ts";
import type { Kernel, Variants } from "../kernel.ts";
import { expertMatmul, matmul, matvec, type Product } from "../kernels/matmul.ts";
import type { View } from "../views.ts";
import {
  type CaseBuffers,
  eightBit,
  expectRows,
  gaussian,
  HALF_GLU_ROUNDING,
  HALF_ROUNDING,
  has,
  type KernelCase,
  makeMatrix,
  makeView,
  numberOf,
  ROUNDING,
} from "./case.ts";

const EPS = 1e-5;
const CHUNK = 32;

/** The variant that the flags of a product's kernel stand for. */
export const variantsOf = (kernel: Kernel): Variants => ({
  subgroups: has(kernel, "SUBGROUPS"),
  f16: has(kernel, "F16"),
  packed: has(kernel, "PACKED"),
  ownHalves: has(kernel, "OWN_HALVES"),
});

/** Columns for some threads to take a second chunk; with float weights no whole number of chunks. */
function widthFor(kernel: Kernel, chunks: number): number {
  const width = Math.ceil((chunks * CHUNK) / 256) * 256;
  return kernel.weights.every(isFloat) ? width + (has(kernel, "ALIGNED") ? 4 : 3) : width;
}

/** As many rows of every matrix as fill two groups of `rows` and a part of a third. */
export function matvecCase(kernel: Kernel, buffers: CaseBuffers): KernelCase {
  const { threads } = kernel.constants;
  const rows = numberOf(kernel, "ROWS");
  const width = widthFor(kernel, threads + 5);
  const { product, expected } = makeProduct(kernel, buffers, width, 1, (i) => 2 * rows + 1 + i);
  return {
    dispatches: [matvec(product, variantsOf(kernel), { rows, threads })],
    rows: 1,
    results: [expectRows(product.out, product.out.stride, expected, ROUNDING)],
  };
}

/** More rows and tokens than a tile has. */
export function matmulCase(kernel: Kernel, buffers: CaseBuffers): KernelCase {
  const variants = variantsOf(kernel);
  const tuning = { rows: numberOf(kernel, "ROWS"), tokens: numberOf(kernel, "TOKENS") };
  const tokens = 8 * tuning.tokens + 3;
  const width = variants.packed ? 512 : widthFor(kernel, 16);
  const { product, expected } = makeProduct(kernel, buffers, width, tokens, (i) => 16 * tuning.rows + 5 + i);
  const tools = { batch: tokens, scratch: (bytes: number) => buffers.storage(bytes) };
  const rounding = variants.f16 ? (product.glu ? HALF_GLU_ROUNDING : HALF_ROUNDING) : ROUNDING;
  return {
    dispatches: matmul(product, variants, tools, tuning),
    rows: tokens,
    results: [expectRows(product.out, product.out.stride, expected, rounding)],
  };
}

/** The first dispatch of a packed product alone: the numbers and their scales come out as they went in. */
export function quantizeCase(kernel: Kernel, buffers: CaseBuffers): KernelCase {
  const tokens = 3;
  const width = 4 * CHUNK;
  const chunks = tokens * (width / CHUNK);
  const { data, view } = makeInput(kernel, buffers, width, tokens);
  const scratch = buffers.storage(chunks * 40);
  const { matrix } = makeMatrix(buffers, "Q8_0", width, 1, "quantize");
  const product: Product = {
    label: "check",
    x: view,
    width,
    matrices: [matrix],
    glu: false,
    out: { buffer: buffers.storage(4 * tokens), offset: 0, stride: 1 },
    step: buffers.upload(Uint32Array.of(0, tokens, 0, 0)),
    rowsWord: 1,
  };
  const tools = { batch: tokens, scratch: () => scratch };
  const [quantize] = matmul(product, { subgroups: false, f16: false, packed: true }, tools);
  const read = (content: ArrayBuffer) => {
    const ints = new Int8Array(content);
    const scales = new Float32Array(content, chunks * CHUNK);
    return data.map((_, i) => ints[i] * scales[2 * Math.floor(i / CHUNK)]);
  };
  const whole = { buffer: scratch, offset: 0, stride: width };
  const rows = expectRows(whole, width, data, ROUNDING);
  return {
    dispatches: [quantize],
    rows: tokens,
    results: [{ buffer: scratch, fault: (content) => rows.fault(read(content).buffer) }],
  };
}

const EXPERTS = 3;
const USED = 2;

export function expertCase(kernel: Kernel, buffers: CaseBuffers): KernelCase {
  const { threads } = kernel.constants;
  const tuning = { rows: numberOf(kernel, "ROWS"), threads };
  const rows = 2 * tuning.rows + 1;
  const tokens = 2;
  const width = widthFor(kernel, threads + 5);
  const { data, view } = makeInput(kernel, buffers, width, tokens);
  const { matrix, values } = makeMatrix(buffers, kernel.weights[0], width, EXPERTS * rows, "experts");
  const picks = Float32Array.of(2, 0, 0.7, 0.3, 1, 2, 0.6, 0.4);
  const routes = { buffer: buffers.upload(picks), offset: 0, stride: 2 * USED };
  const out: View = { buffer: buffers.storage(4 * tokens * USED * rows), offset: 0, stride: USED * rows };
  const expected = new Float32Array(tokens * USED * rows);
  for (let i = 0; i < expected.length; i++) {
    const [token, pick, row] = [Math.floor(i / (USED * rows)), Math.floor(i / rows) % USED, i % rows];
    const expert = picks[token * 2 * USED + pick];
    expected[i] = dot(data, token * width, values, (expert * rows + row) * width, width);
  }
  const experts = { label: "check", x: view, width, rowPerPick: false, parts: [{ firstRow: 0, matrix }], rows };
  return {
    dispatches: expertMatmul({ ...experts, routes, used: USED, out }, variantsOf(kernel), tuning),
    rows: tokens,
    results: [expectRows(out, USED * rows, expected, ROUNDING)],
  };
}

/** Rows that lie where four numbers can be read at a time, or do not. */
function makeInput(kernel: Kernel, buffers: CaseBuffers, width: number, tokens: number) {
  const data = eightBit(tokens * width, "x");
  const gap = has(kernel, "ALIGNED") ? 4 : 1;
  return { data, view: makeView(buffers, data, width, { offset: gap, stride: width + gap }) };
}

function makeProduct(
  kernel: Kernel,
  buffers: CaseBuffers,
  width: number,
  tokens: number,
  rowsOf: (matrix: number) => number,
): { product: Product; expected: Float32Array } {
  const glu = has(kernel, "GLU");
  // The packed kernel reads what was rounded for it, wherever the rows lay before.
  const { data, view } = makeInput(kernel, buffers, width, tokens);
  const made = kernel.weights.map((dtype: DType, i) =>
    makeMatrix(buffers, dtype, width, rowsOf(glu ? 0 : i), `weights ${i}`),
  );
  const total = made.reduce((sum, { matrix }) => sum + matrix.rows, 0);
  const outWidth = glu ? made[0].matrix.rows : total;
  const norm = has(kernel, "NORM") ? gaussian(width, "norm") : undefined;
  const bias = has(kernel, "BIAS") ? gaussian(total, "bias", 0.5) : undefined;
  const residual = has(kernel, "RESIDUAL") ? gaussian(tokens * outWidth, "residual") : undefined;

  const expected = new Float32Array(tokens * outWidth);
  for (let t = 0; t < tokens; t++) {
    const x = Float64Array.from(data.subarray(t * width, (t + 1) * width));
    if (norm) {
      const scale = 1 / Math.sqrt(dot(x, 0, x, 0, width) / width + EPS);
      x.forEach((_, i) => {
        x[i] *= scale * norm[i];
      });
    }
    const sums = made.flatMap(({ values, matrix }) =>
      Array.from({ length: matrix.rows }, (_, o) => dot(x, 0, values, o * width, width)),
    );
    if (bias) for (let o = 0; o < total; o++) sums[o] += bias[o];
    for (let o = 0; o < outWidth; o++) {
      const value = glu ? silu(sums[o]) * sums[outWidth + o] : sums[o];
      expected[t * outWidth + o] = value + (residual?.[t * outWidth + o] ?? 0);
    }
  }
  const product: Product = {
    label: "check",
    x: view,
    width,
    norm: norm && { weight: buffers.upload(norm), eps: EPS },
    matrices: made.map(({ matrix }) => matrix),
    glu,
    bias: bias && { buffer: buffers.upload(bias), offset: 0 },
    residual: residual && makeView(buffers, residual, outWidth, { offset: 0, stride: outWidth }),
    out: { buffer: buffers.storage(4 * expected.length), offset: 0, stride: outWidth },
    step: buffers.upload(Uint32Array.of(0, tokens, 0, 0)),
    rowsWord: 1,
  };
  return { product, expected };
}

/** silu(x) = x / (1 + e⁻ˣ). */
export const silu = (x: number): number => x / (1 + Math.exp(-x));

/** Σ a[i]·b[i] over `length` numbers. */
export function dot(
  a: ArrayLike<number>,
  aStart: number,
  b: ArrayLike<number>,
  bStart: number,
  length: number,
): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += a[aStart + i] * b[bStart + i];
  return sum;
}
