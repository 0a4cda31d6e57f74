import { afterAll, describe, expect, it } from "vitest";
import type { DType } from "../../../core/dtype.ts";
import { dequantize } from "../../../quant/index.ts";
import { SeededRandom } from "../../cases/random.ts";
import { eightBitBytes, randomWeights, rootMeanSquare } from "../../cases/random-weights.ts";
import type { Gpu } from "../gpu.ts";
import type { Dispatch, Variants } from "../kernel.ts";
import { planeLayout, splitRows } from "../planes.ts";
import { download, runDispatches, testDevice, upload } from "../testing.ts";
import type { Matrix, View } from "../views.ts";
import {
  expertMatmul,
  MATMUL_TUNING,
  type MatmulTuning,
  type MatvecTuning,
  matmul,
  matvec,
  matvecTuning,
} from "./matmul.ts";

interface ProductCase {
  readonly name: string;
  readonly width: number;
  /** Types and rows. */
  readonly matrices: string;
  readonly rows?: number;
  /** Of x; 1 otherwise. */
  readonly magnitude?: number;
  readonly norm?: boolean;
  readonly bias?: boolean;
  readonly residual?: boolean;
  readonly glu?: boolean;
  readonly matvec?: MatvecTuning;
  /** Small tiles otherwise: they compile sooner. */
  readonly matmul?: MatmulTuning;
  /** Numbers of x's rows, before and between them, that belong to something else. */
  readonly gap?: number;
}

const EPS = 1e-5;

const SMALL_TILES: MatmulTuning = { rows: 2, tokens: 2 };

const MATVEC_CASES: readonly ProductCase[] = [
  { name: "plain", width: 256, matrices: "F32 40" },
  { name: "odd", width: 67, matrices: "F32 13", gap: 3, matvec: { rows: 1, threads: 256 } },
  { name: "odd norm", width: 67, matrices: "F16 13", norm: true, bias: true, residual: true },
  { name: "three", width: 512, matrices: "Q4_0 37, Q8_0 8, F16 5", norm: true, bias: true, gap: 8 },
  { name: "two", width: 1280, matrices: "Q4_K 9, Q6_K 18", bias: true },
  { name: "glu", width: 768, matrices: "Q4_K 35, Q6_K 35", glu: true, norm: true, bias: true },
  { name: "glu wide", width: 8448, matrices: "Q8_0 6, Q8_0 6", glu: true },
  { name: "down", width: 1024, matrices: "Q6_K 70", residual: true, matvec: { rows: 8, threads: 64 } },
  { name: "many rows", width: 32, matrices: "Q4_0 70001", matvec: { rows: 1, threads: 32 } },
];

const MATMUL_CASES: readonly ProductCase[] = [
  { name: "plain", width: 256, matrices: "F32 40", rows: 33, matmul: { rows: 4, tokens: 4 } },
  { name: "odd", width: 67, matrices: "F32 13", rows: 2, gap: 3, bias: true, residual: true },
  { name: "small numbers", width: 70, matrices: "F16 66", rows: 5, magnitude: 1e-6 },
  { name: "large numbers", width: 96, matrices: "F16 3", rows: 2, magnitude: 1e6 },
  { name: "one row", width: 512, matrices: "Q4_0 65", rows: 1 },
  { name: "three", width: 512, matrices: "Q4_0 37, Q8_0 80, F16 5", bias: true, rows: 70, gap: 8 },
  { name: "three packed", width: 512, matrices: "Q4_K 129, Q8_0 64, Q6_K 33", rows: 33 },
  { name: "glu", width: 768, matrices: "Q4_K 75, Q6_K 75", glu: true, bias: true, rows: 33 },
  { name: "glu mixed", width: 256, matrices: "Q4_K 31, F32 31", glu: true, rows: 3 },
  { name: "down", width: 1024, matrices: "Q6_K 70", residual: true, rows: 70, matmul: MATMUL_TUNING },
  { name: "whole tiles", width: 256, matrices: "Q8_0 64", rows: 64, gap: 4 },
];

/**
 * Largest deviation as a part of the results' root mean square; `packed` with x that 8 bits hold exactly. gate · up has
 * results far above their mean, where the deviation of one factor is multiplied by a large other one.
 */
const TOLERANCE = { f32: 1e-5, f16: 3e-3, packed: 1e-5 };

const gpu = await testDevice();

describe.skipIf(!gpu)("matrix products", { timeout: 120_000 }, () => {
  const device = gpu!;
  const largest: Record<string, number> = {};
  afterAll(() => {
    console.log("largest deviations", largest);
    device.close();
  });

  const check = (kind: string, got: Float32Array, wanted: Float32Array, tolerance: number) => {
    const rms = rootMeanSquare(wanted);
    let most = 0;
    for (let i = 0; i < wanted.length; i++) {
      const deviation = Math.abs(got[i] - wanted[i]) / rms;
      if (!(deviation <= most)) most = Number.isNaN(deviation) ? Number.POSITIVE_INFINITY : deviation;
    }
    largest[kind] = Math.max(largest[kind] ?? 0, most);
    expect(most).toBeLessThan(tolerance);
  };
  /** What the adapter has, with and without. */
  const choices = (name: keyof Variants) => (gpu?.variants[name] ? [true, false] : [false]);

  describe.each(choices("subgroups").map((subgroups) => ({ subgroups })))("subgroups: $subgroups", ({ subgroups }) => {
    const variants = { subgroups, f16: false, packed: false };
    const suffix = subgroups ? ", subgroups" : "";

    it.each(MATVEC_CASES)("matvec $name", async (product) => {
      const made = makeProduct(device, product);
      await runDispatches(device, [matvec(made.product, variants, product.matvec ?? matvecTuning(made.product))], 1);
      check(`matvec${suffix}`, await made.read(), made.wanted, TOLERANCE.f32);
    });

    it("matvec of no rows does nothing", async () => {
      const made = makeProduct(device, MATVEC_CASES[0]);
      await runDispatches(device, [matvec(made.product, variants)], 0);
      expect(await made.read()).toEqual(new Float32Array(made.wanted.length).fill(UNTOUCHED));
    });

    it.each([
      { dtype: "F32", width: 67, rows: 13, rowPerPick: false },
      { dtype: "F32", width: 66, rows: 13, rowPerPick: true },
      { dtype: "Q4_0", width: 96, rows: 16, rowPerPick: false },
      { dtype: "Q6_K", width: 256, rows: 21, rowPerPick: true },
    ] as const)("expertMatmul $dtype $width×$rows, a row per pick: $rowPerPick", async (experts) => {
      for (const partRows of [EXPERTS * experts.rows, 28]) {
        const made = makeExperts(device, experts, variants, partRows);
        await runDispatches(device, made.dispatches, made.tokens);
        check(`expertMatmul${suffix}`, await made.read(), made.wanted, TOLERANCE.f32);
      }
    });
  });

  const arithmetic = choices("f16").flatMap((f16) => choices("packed").map((packed) => ({ f16, packed })));
  describe.each(arithmetic)("f16: $f16, packed: $packed", ({ f16, packed }) => {
    it.each(MATMUL_CASES)("matmul $name", async (product) => {
      const made = makeProduct(device, product, packed);
      const rows = product.rows!;
      const tools = { batch: rows + 5, scratch: (bytes: number, label: string) => device.storage(bytes, label) };
      const dispatches = matmul(made.product, { subgroups: false, f16, packed }, tools, product.matmul ?? SMALL_TILES);
      await runDispatches(device, dispatches, rows);
      const defines = dispatches.flatMap(({ kernel }) => kernel.defines);
      const kind = defines.includes("F16") ? "f16" : defines.includes("PACKED") ? "packed" : "f32";
      check(
        `matmul, ${kind}`,
        await made.read(),
        made.wanted,
        TOLERANCE[kind] * (product.glu && kind === "f16" ? 4 : 1),
      );
    });
  });

  // 127 steps to the largest of 32 numbers, which is 2 to 3 times their mean: about 0.005 a number is lost, and the
  // largest of many deviations is some 4 times that.
  it.skipIf(!gpu?.variants.packed)("matmul of any numbers rounded to 8 bits", async () => {
    const made = makeProduct(device, { name: "rounded", width: 512, matrices: "Q4_0 65", rows: 33 });
    const tools = { batch: 33, scratch: (bytes: number, label: string) => device.storage(bytes, label) };
    await runDispatches(
      device,
      matmul(made.product, { subgroups: false, f16: false, packed: true }, tools, SMALL_TILES),
      33,
    );
    check("matmul, packed, rounded", await made.read(), made.wanted, 0.03);
  });
});

/** What outputs hold before. */
const UNTOUCHED = -77;

const gaussian = (length: number, seed: string, magnitude = 1) => {
  const random = new SeededRandom(seed);
  return Float32Array.from({ length }, () => random.gaussian() * magnitude);
};

function makeMatrix(gpu: Gpu, dtype: DType, width: number, rows: number, seed: string) {
  const bytes = randomWeights(dtype, width * rows, seed);
  return { matrix: uploadMatrix(gpu, dtype, width, rows, bytes), values: dequantize(dtype, bytes, width * rows) };
}

function uploadMatrix(gpu: Gpu, dtype: DType, width: number, rows: number, bytes: Uint8Array<ArrayBuffer>): Matrix {
  const { words, small, book } = planeLayout(dtype, width, rows);
  const buffer = gpu.storage(words * 4, `${dtype} ${width}×${rows}`);
  const matrix = { dtype, buffer, width, rows, small, book };
  for (const piece of splitRows(matrix, bytes, 0, rows)) {
    gpu.device.queue.writeBuffer(buffer, piece.byteOffset, piece.bytes);
  }
  return matrix;
}

/** Rows within a larger buffer whose other numbers are not numbers. */
function makeView(gpu: Gpu, data: Float32Array, width: number, gap: number): View {
  const stride = width + gap;
  const rows = data.length / width;
  const all = new Float32Array(gap + rows * stride).fill(Number.NaN);
  for (let r = 0; r < rows; r++) all.set(data.subarray(r * width, (r + 1) * width), gap + r * stride);
  return { buffer: upload(gpu, all), offset: gap, stride };
}

const silu = (x: number) => x / (1 + Math.exp(-x));

function makeProduct(gpu: Gpu, c: ProductCase, isEightBit = false) {
  const { width, rows = 1, gap = 0, glu = false } = c;
  const matrices = c.matrices.split(", ").map((m) => m.split(" ") as [DType, string]);
  const x = isEightBit
    ? new Float32Array(eightBitBytes(rows * width, c.name).buffer)
    : gaussian(rows * width, `${c.name} x`, c.magnitude);
  const made = matrices.map(([dtype, n], i) => makeMatrix(gpu, dtype, width, Number(n), `${c.name} ${i}`));
  const total = made.reduce((n, m) => n + m.matrix.rows, 0);
  const outWidth = glu ? made[0].matrix.rows : total;
  const g = c.norm ? gaussian(width, `${c.name} norm`) : undefined;
  const bias = c.bias ? gaussian(total, `${c.name} bias`, 0.5) : undefined;
  const residual = c.residual ? gaussian(rows * outWidth, `${c.name} residual`) : undefined;

  const wanted = new Float32Array(rows * outWidth);
  for (let t = 0; t < rows; t++) {
    const row = Float64Array.from(x.subarray(t * width, (t + 1) * width));
    if (g) {
      const scale = 1 / Math.sqrt(row.reduce((s, v) => s + v * v, 0) / width + EPS);
      for (let i = 0; i < width; i++) row[i] *= scale * g[i];
    }
    const sums = made.flatMap(({ values, matrix }) =>
      Array.from({ length: matrix.rows }, (_, o) => {
        let sum = 0;
        for (let i = 0; i < width; i++) sum += row[i] * values[o * width + i];
        return sum;
      }),
    );
    if (bias) for (let o = 0; o < total; o++) sums[o] += bias[o];
    for (let o = 0; o < outWidth; o++) {
      const value = glu ? silu(sums[o]) * sums[outWidth + o] : sums[o];
      wanted[t * outWidth + o] = value + (residual?.[t * outWidth + o] ?? 0);
    }
  }

  // The output has room for more rows than the run has, which must stay as they are.
  const spare = 3;
  const offset = gap + 1;
  const stride = outWidth + gap;
  const out = upload(gpu, new Float32Array(offset + (rows + spare) * stride).fill(UNTOUCHED), "out");
  const product = {
    label: c.name,
    x: makeView(gpu, x, width, gap),
    width,
    norm: g && { weight: upload(gpu, g), eps: EPS },
    matrices: made.map((m) => m.matrix),
    glu,
    bias: bias && { buffer: upload(gpu, new Float32Array([Number.NaN, ...bias])), offset: 1 },
    residual: residual && makeView(gpu, residual, outWidth, gap),
    out: { buffer: out, offset, stride },
    step: upload(gpu, Uint32Array.of(0, rows, 99, 0)),
    rowsWord: 1 as const,
  };
  const read = () => readRows(gpu, product.out, outWidth, rows);
  return { product, wanted, read };
}

/** Reads the rows and checks that nothing else was written. */
async function readRows(gpu: Gpu, { buffer, offset, stride }: View, width: number, rows: number) {
  const all = new Float32Array(await download(gpu, buffer));
  const out = new Float32Array(rows * width);
  for (let i = 0; i < all.length; i++) {
    const row = Math.floor((i - offset) / stride);
    const column = (i - offset) % stride;
    if (i >= offset && row < rows && column < width) out[row * width + column] = all[i];
    else if (all[i] !== UNTOUCHED && all[i] !== 0) throw new Error(`Number ${i} of the output was written: ${all[i]}.`);
  }
  return out;
}

const EXPERTS = 6;
const USED = 2;

function makeExperts(
  gpu: Gpu,
  { dtype, width, rows, rowPerPick }: { dtype: DType; width: number; rows: number; rowPerPick: boolean },
  variants: Variants,
  partRows: number,
) {
  const tokens = 5;
  const seed = `${dtype} ${width} experts`;
  const bytes = randomWeights(dtype, width * rows * EXPERTS, seed);
  const values = dequantize(dtype, bytes, width * rows * EXPERTS);
  const rowBytes = bytes.length / (rows * EXPERTS);
  const parts: { firstRow: number; matrix: Matrix }[] = [];
  for (let firstRow = 0; firstRow < rows * EXPERTS; firstRow += partRows) {
    const slice = bytes.slice(firstRow * rowBytes, (firstRow + partRows) * rowBytes);
    parts.push({ firstRow, matrix: uploadMatrix(gpu, dtype, width, slice.length / rowBytes, slice) });
  }
  const xWidth = rowPerPick ? USED * width : width;
  const x = gaussian(tokens * xWidth, seed);
  const random = new SeededRandom(seed);
  const routes = Float32Array.from({ length: tokens * USED * 2 }, () => random.bits() % EXPERTS);
  const wanted = new Float32Array(tokens * USED * rows);
  for (let t = 0; t < tokens; t++) {
    for (let n = 0; n < USED; n++) {
      const expert = routes[t * USED * 2 + n];
      for (let o = 0; o < rows; o++) {
        let sum = 0;
        for (let i = 0; i < width; i++) {
          sum += x[t * xWidth + (rowPerPick ? n * width : 0) + i] * values[(expert * rows + o) * width + i];
        }
        wanted[(t * USED + n) * rows + o] = sum;
      }
    }
  }
  const out = upload(gpu, new Float32Array((tokens + 1) * USED * rows).fill(UNTOUCHED), "out");
  const view = { buffer: out, offset: 0, stride: USED * rows };
  const dispatches: Dispatch[] = expertMatmul(
    {
      label: "experts",
      x: makeView(gpu, x, xWidth, 0),
      width,
      rowPerPick,
      parts,
      rows,
      routes: makeView(gpu, routes, USED * 2, 0),
      used: USED,
      out: view,
    },
    variants,
  );
  return { dispatches, tokens, wanted, read: () => readRows(gpu, view, USED * rows, tokens) };
}
