import { PACKED_TYPES } from "../formats.ts";
import { type Dispatch, decoderDefines, type Kernel, type Variants, type Workgroups } from "../kernel.ts";
import type { Matrix, View } from "../views.ts";

/** Matrix products of the same input. */
export interface Product {
  readonly label: string;
  readonly x: View;
  /** Numbers of a row of x and of the matrices. */
  readonly width: number;
  /** RMS norm of x on the way; only `matvec` does it. Its weight has `width` numbers. */
  readonly norm?: { readonly weight: GPUBuffer; readonly eps: number };
  /** One to three, of any types. */
  readonly matrices: readonly Matrix[];
  /** Two matrices of the same size, gate and up: out = silu(gate·x + bias) · (up·x + bias). */
  readonly glu: boolean;
  /** From number `offset` on, for all matrices' rows one after another; the second one's may begin at `second`. */
  readonly bias?: { readonly buffer: GPUBuffer; readonly offset: number; readonly second?: number };
  readonly residual?: View;
  /** The matrices' rows one after another. None of the inputs may be in this buffer. */
  readonly out: View;
  readonly step: GPUBuffer;
  /** The word of `step` with the number of rows of x: 1 tokens, 2 outputs. */
  readonly rowsWord: 1 | 2;
}

export interface Tools {
  /** The most rows of x in a run. */
  readonly batch: number;
  /** A buffer that only the dispatches of one product use. */
  scratch(bytes: number, label: string): GPUBuffer;
}

export interface MatvecTuning {
  /** Rows per workgroup (GLU: of each matrix): how often a number of x is used once it is read. */
  readonly rows: number;
  /** Threads of a workgroup, a power of two; each takes 32 columns at a time. */
  readonly threads: number;
}

export interface MatmulTuning {
  /** Rows and tokens per thread: a workgroup makes 16 times as many rows (even: GLU halves them) and 8 times as many tokens. */
  readonly rows: number;
  readonly tokens: number;
}

const MOST_WORKGROUPS = 65535;
const CHUNK = 32;
const PLACES = [0, 1, 2];

/** As many threads as there is work for in a row, and few rows each, so that many workgroups keep the memory busy. */
export function matvecTuning({ width, glu }: Pick<Product, "width" | "glu">): MatvecTuning {
  const chunks = Math.ceil(width / CHUNK);
  return { rows: glu ? 2 : 4, threads: chunks <= 32 ? 32 : chunks < 256 ? 64 : 128 };
}

export const MATMUL_TUNING: MatmulTuning = { rows: 4, tokens: 8 };
/** Compiles three times as fast. */
export const SOFTWARE_MATMUL_TUNING: MatmulTuning = { rows: 2, tokens: 2 };

/** Products of one row of x. */
export function matvec(r: Product, variants: Variants, tuning = matvecTuning(r)): Dispatch {
  const { rows, threads } = tuning;
  const weights = r.matrices.map((m) => m.dtype);
  const groups = sum(places(r).map((m) => Math.ceil(m.matrix.rows / rows)));
  const grid = spread(r.glu ? groups / 2 : groups);
  const kernel: Kernel = {
    file: "ops/matvec.wgsl",
    defines: [
      `ROWS=${rows}`,
      ...(variants.subgroups ? ["SUBGROUPS"] : []),
      ...decoderDefines(weights, variants),
      ...(r.norm ? ["NORM"] : []),
      ...alignment(r.x, r.width),
      ...productDefines(r, r.matrices.length),
    ],
    weights,
    constants: {
      threads,
      ...(r.norm && { eps: r.norm.eps }),
      ...inputConstants(r.x, r.width),
      ...outputConstants(r),
      ...slotConstants(places(r)),
    },
  };
  return {
    kernel,
    label: r.label,
    buffers: [r.x.buffer, r.norm?.weight ?? r.x.buffer, ...outputBuffers(r), ...r.matrices.map((m) => m.buffer)],
    workgroups: (count) => (count ? grid : [0, 1, 1]),
  };
}

/** Products of several rows of x. Those of types with integer weights may be made from x rounded to 8 bits. */
export function matmul(r: Product, variants: Variants, tools: Tools, tuning = MATMUL_TUNING): Dispatch[] {
  const all = places(r);
  const isPacked = ({ matrix }: Placed) => variants.packed && PACKED_TYPES.has(matrix.dtype);
  const packed = r.glu ? (all.every(isPacked) ? all : []) : all.filter(isPacked);
  const others = all.filter((place) => !packed.includes(place));
  const dispatches: Dispatch[] = [];
  if (packed.length) {
    const blocks = tools.batch * Math.ceil(r.width / CHUNK);
    const scalesAt = blocks * 8;
    const buffer = tools.scratch(blocks * 40, "8-bit activations");
    dispatches.push(quantize(r, buffer, scalesAt));
    const input = { buffer, defines: ["PACKED"], constants: { width: r.width, scales_at: scalesAt } };
    dispatches.push(tiled(r, packed, input, variants, tuning));
  }
  if (others.length) {
    const defines = [...(variants.f16 ? ["F16"] : []), ...alignment(r.x, r.width)];
    const input = { buffer: r.x.buffer, defines, constants: inputConstants(r.x, r.width) };
    dispatches.push(tiled(r, others, input, variants, tuning));
  }
  return dispatches;
}

interface TiledInput {
  readonly buffer: GPUBuffer;
  readonly defines: readonly string[];
  readonly constants: Kernel["constants"];
}

function tiled(
  r: Product,
  matrices: readonly Placed[],
  x: TiledInput,
  variants: Variants,
  { rows, tokens }: MatmulTuning,
): Dispatch {
  const weights = matrices.map((m) => m.matrix.dtype);
  const tileRows = 16 * rows;
  const groups = r.glu
    ? Math.ceil(matrices[0].matrix.rows / (tileRows / 2))
    : sum(matrices.map((m) => Math.ceil(m.matrix.rows / tileRows)));
  const kernel: Kernel = {
    file: "ops/matmul.wgsl",
    defines: [
      `ROWS=${rows}`,
      `TOKENS=${tokens}`,
      ...x.defines,
      ...decoderDefines(weights, variants),
      ...productDefines(r, matrices.length),
    ],
    weights,
    constants: { rows_word: r.rowsWord, ...x.constants, ...outputConstants(r), ...slotConstants(matrices) },
  };
  return {
    kernel,
    label: r.label,
    buffers: [
      x.buffer,
      r.step,
      ...outputBuffers({ ...r, x: { buffer: x.buffer } }),
      ...matrices.map((m) => m.matrix.buffer),
    ],
    workgroups: (count) => [groups, Math.ceil(count / (8 * tokens)), 1],
  };
}

function quantize({ label, x, width }: Product, out: GPUBuffer, scalesAt: number): Dispatch {
  const groups = Math.ceil(width / CHUNK / 64);
  return {
    kernel: {
      file: "ops/quantize.wgsl",
      defines: alignment(x, width),
      weights: [],
      constants: { ...inputConstants(x, width), scales_at: scalesAt },
    },
    label: `${label} input`,
    buffers: [x.buffer, out],
    workgroups: (count) => [groups, count, 1],
  };
}

/** Graph operation `expert_matmul`: one product per picked expert. */
export interface ExpertProduct {
  readonly label: string;
  /** A row for all picks, or `used` rows of `width` numbers one after another (`rowPerPick`). */
  readonly x: View;
  readonly width: number;
  readonly rowPerPick: boolean;
  /** The experts' matrices of `rows` rows one after another, in one or more buffers. */
  readonly parts: readonly { readonly firstRow: number; readonly matrix: Matrix }[];
  readonly rows: number;
  /** Rows of `used` expert numbers, and what else. */
  readonly routes: View;
  readonly used: number;
  /** `used` · `rows` numbers a row. */
  readonly out: View;
}

/** A dispatch for each part of the matrix; each makes the rows that it has. */
export function expertMatmul(
  r: ExpertProduct,
  variants: Variants,
  { rows, threads } = matvecTuning({ width: r.width, glu: false }),
): Dispatch[] {
  const groups = Math.ceil(r.rows / rows);
  const rowStarts = { ...r.x, stride: r.rowPerPick ? r.width : 0 };
  const aligned = alignment(r.x, r.width).length && alignment(rowStarts, r.width).length;
  return r.parts.map(({ firstRow, matrix }) => ({
    kernel: {
      file: "ops/expert_matmul.wgsl",
      defines: [
        `ROWS=${rows}`,
        ...(variants.subgroups ? ["SUBGROUPS"] : []),
        ...decoderDefines([matrix.dtype], variants),
        ...(aligned ? ["ALIGNED"] : []),
      ],
      weights: [matrix.dtype],
      constants: {
        threads,
        ...inputConstants(r.x, r.width),
        routes_at: r.routes.offset,
        routes_stride: r.routes.stride,
        out_at: r.out.offset,
        out_stride: r.out.stride,
        pick_stride: rowStarts.stride,
        expert_rows: r.rows,
        first_held: firstRow,
        ...slotConstants([{ matrix, base: 0, biasAt: 0 }]),
      },
    },
    label: r.label,
    buffers: [r.x.buffer, r.routes.buffer, r.out.buffer, matrix.buffer],
    workgroups: (count) => [groups, r.used, count],
  }));
}

/** A matrix of a product: its first row's place in the output, its bias's in the buffer. */
interface Placed {
  readonly matrix: Matrix;
  readonly base: number;
  readonly biasAt: number;
}

function places({ matrices, bias, glu }: Product): Placed[] {
  let before = 0;
  return matrices.map((matrix, i) => {
    const biasAt = (i === 1 && bias?.second) || (bias?.offset ?? 0) + before;
    const place = { matrix, base: glu ? 0 : before, biasAt };
    before += matrix.rows;
    return place;
  });
}

const productDefines = (r: Product, slots: number): string[] => [
  ...(r.bias ? ["BIAS"] : []),
  ...(r.residual ? ["RESIDUAL"] : []),
  ...(r.glu ? ["GLU"] : []),
  ...PLACES.slice(1, slots).map((i) => `SLOT_${i}`),
];

/** The shader can read four numbers at a time. */
const alignment = (x: View, width: number): string[] =>
  [x.offset, x.stride, width].every((n) => n % 4 === 0) ? ["ALIGNED"] : [];

const inputConstants = (x: View, width: number) => ({ width, x_at: x.offset, x_stride: x.stride });

const outputConstants = ({ out, residual }: Product) => ({
  out_at: out.offset,
  out_stride: out.stride,
  residual_at: residual?.offset ?? 0,
  residual_stride: residual?.stride ?? 0,
});

/** Bias, residual, out. What a product has not is bound to its input, which the shader then does not read. */
const outputBuffers = (r: Pick<Product, "bias" | "residual" | "out"> & { readonly x: Pick<View, "buffer"> }) => [
  r.bias?.buffer ?? r.x.buffer,
  r.residual?.buffer ?? r.x.buffer,
  r.out.buffer,
];

const slotConstants = (slots: readonly Placed[]): Record<string, number> =>
  Object.fromEntries(
    slots.flatMap(({ matrix, base, biasAt }, i) => [
      [`rows_${i}`, matrix.rows],
      [`base_${i}`, base],
      [`bias_at_${i}`, biasAt],
      [`small_${i}`, matrix.small],
      [`book_${i}`, matrix.book],
    ]),
  );

/** Workgroups over x and y; up to one row of them more than asked for. */
function spread(groups: number): Workgroups {
  const y = Math.ceil(groups / MOST_WORKGROUPS);
  return [Math.ceil(groups / y), y, 1];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
