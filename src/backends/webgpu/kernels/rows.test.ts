import { afterAll, describe, expect, it } from "vitest";
import { SeededRandom } from "../../cases/random.ts";
import { newMatrix, type Matrix as Rows } from "../../reference/matrix.ts";
import { add as addRows } from "../../reference/ops/add.ts";
import { expertSum as expertSumRows } from "../../reference/ops/expert-sum.ts";
import { glu as gluRows } from "../../reference/ops/glu.ts";
import { rmsNorm as rmsNormRows } from "../../reference/ops/rms-norm.ts";
import { route as routeRows } from "../../reference/ops/route.ts";
import type { Steps } from "../../reference/steps.ts";
import { assembleShader } from "../shader.ts";
import { SOURCES } from "../sources.ts";
import { download, runDispatches, testDevice, upload } from "../testing.ts";
import type { View } from "../views.ts";
import { add, embed, expertSum, glu, layerNorm, type RowsCall, rmsNorm, route, selectOutputs } from "./rows.ts";

const gpu = await testDevice();
const worst = new Map<string, number>();

const TOKENS = 5;
const LIMIT = 1e-5;

/** `rows` gaussian rows, the same for the same seed. */
function gaussian(rows: number, width: number, seed: string, magnitude = 1): Rows {
  const random = new SeededRandom(seed);
  const matrix = newMatrix(rows, width);
  matrix.data.forEach((_, i) => {
    matrix.data[i] = random.gaussian() * magnitude;
  });
  return matrix;
}

/** A step buffer: position 3, five tokens, rows 1 and 4 wanted. */
const stepWords = () => new Uint32Array([3, TOKENS, 2, 0, 1, 4, 0, 0, 0]);

function run(steps: Steps): void {
  while (!steps.next().done);
}

function check(name: string, actual: ArrayLike<number>, expected: ArrayLike<number>, limit = LIMIT): void {
  expect(actual.length).toBe(expected.length);
  let largest = 0;
  let squares = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i] - expected[i]);
    largest = Math.max(largest, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
    squares += expected[i] ** 2;
  }
  const deviation = largest / Math.max(1e-30, Math.sqrt(squares / expected.length));
  worst.set(name, Math.max(worst.get(name) ?? 0, deviation));
  expect(deviation).toBeLessThanOrEqual(limit);
}

describe("layout", () => {
  it("reads an input through the result's binding where both are in one buffer", () => {
    const [buffer, step] = [{} as GPUBuffer, {} as GPUBuffer];
    const view: View = { buffer, offset: 0, stride: 8 };
    const call = { label: "x", step, rowsWord: 1, out: { ...view, offset: 64 } } as const;
    const { kernel, buffers } = add({ ...call, a: view, b: { ...view, buffer: {} as GPUBuffer }, width: 8 });
    expect(kernel.defines).toEqual(["A_IN_OUT"]);
    expect(buffers.filter((b) => b === buffer)).toHaveLength(1);
    expect(assembleShader(kernel)).toContain("return out[at];");
  });
});

describe.skipIf(!gpu)("row kernels", () => {
  const device = gpu!;
  afterAll(() => {
    const lines = [...worst].map(([op, deviation]) => `  ${op.padEnd(24)} ${deviation.toExponential(1)}`);
    console.info(`${device.adapterInfo.description}: largest deviation relative to the rows' RMS\n${lines.join("\n")}`);
  });

  /**
   * Runs a kernel with its inputs side by side in one buffer of wide rows, results after them (`together`), or each in a
   * buffer of its own; returns the rows of the result.
   */
  async function carryOut(
    inputs: Record<string, Rows>,
    outWidth: number,
    rowsWord: 1 | 2,
    together: boolean,
    make: (views: Record<string, View>, call: RowsCall) => ReturnType<typeof add>,
  ): Promise<Float32Array> {
    const rows = rowsWord === 1 ? TOKENS : 2;
    const step = upload(device, stepWords(), "step");
    const views: Record<string, View> = {};
    const padded = Object.values(inputs).reduce((sum, { width }) => sum + width + 3, 0);
    const stride = padded + outWidth + 3;
    const wide = new Float32Array(TOKENS * stride).fill(7);
    let offset = 3;
    for (const [name, { data, width, rows: count }] of Object.entries(inputs)) {
      for (let r = 0; r < count; r++) wide.set(data.subarray(r * width, (r + 1) * width), offset + r * stride);
      if (!together)
        views[name] = { buffer: upload(device, data as Float32Array<ArrayBuffer>), offset: 0, stride: width };
      else views[name] = { buffer: undefined as unknown as GPUBuffer, offset, stride };
      offset += width + 3;
    }
    const shared = upload(device, wide);
    if (together) for (const name of Object.keys(views)) views[name] = { ...views[name], buffer: shared };
    const out: View = together
      ? { buffer: shared, offset, stride }
      : { buffer: device.storage(4 * TOKENS * outWidth, "out"), offset: 0, stride: outWidth };
    await runDispatches(device, [make(views, { label: "test", out, step, rowsWord })], rows);
    const all = new Float32Array(await download(device, out.buffer));
    const result = new Float32Array(rows * outWidth);
    for (let r = 0; r < rows; r++) {
      const from = out.offset + r * out.stride;
      result.set(all.subarray(from, from + outWidth), r * outWidth);
    }
    // Nothing around the results is touched.
    if (together) expect(all.slice(0, 3)).toEqual(new Float32Array([7, 7, 7]));
    return result;
  }

  describe.each([true, false])("in one buffer: %s", (together) => {
    it.each([
      [64, 1, 1],
      [67, 1, 1],
      [896, 1, 1e-4],
      [192, 6, 1000],
      [1024, 8, 1],
      [5120, 1, 1],
    ])("rms_norm of %i in %i, magnitude %d", async (width, groups, magnitude) => {
      const x = gaussian(TOKENS, width, "x", magnitude);
      const weight = gaussian(1, width / groups, "weight");
      const expected = newMatrix(TOKENS, width);
      run(rmsNormRows(x, { data: weight.data, shape: [width / groups] }, { eps: 1e-6, groups }, expected));
      const buffer = upload(device, weight.data as Float32Array<ArrayBuffer>);
      const actual = await carryOut({ x }, width, 1, together, (v, call) =>
        rmsNorm({ ...call, x: v.x, weight: buffer, width, groups, eps: 1e-6 }),
      );
      check("rms_norm", actual, expected.data);
    });

    it.each([64, 67, 1030])("layer_norm of %i", async (width) => {
      const x = gaussian(TOKENS, width, "x");
      x.data.forEach((value, i) => {
        x.data[i] = value + 3;
      });
      const [weight, bias] = ["weight", "bias"].map(
        (seed) => gaussian(1, width, seed).data as Float32Array<ArrayBuffer>,
      );
      const expected = Float64Array.from(x.data);
      for (let r = 0; r < TOKENS; r++) {
        const row = expected.subarray(r * width, (r + 1) * width);
        const mean = row.reduce((sum, value) => sum + value) / width;
        const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width;
        row.forEach((value, i) => {
          row[i] = ((value - mean) / Math.sqrt(variance + 1e-5)) * weight[i] + bias[i];
        });
      }
      const buffers = { weight: upload(device, weight), bias: upload(device, bias) };
      const actual = await carryOut({ x }, width, 1, together, (v, call) =>
        layerNorm({ ...call, x: v.x, ...buffers, width, eps: 1e-5 }),
      );
      check("layer_norm", actual, expected);
    });

    it.each([256, 67, 1, 700])("add and glu of %i", async (width) => {
      const [a, b] = [gaussian(TOKENS, width, "a", 3), gaussian(TOKENS, width, "b")];
      const expected = newMatrix(TOKENS, width);
      run(addRows(a, b, expected));
      check(
        "add",
        await carryOut({ a, b }, width, 1, together, (v, c) => add({ ...c, a: v.a, b: v.b, width })),
        expected.data,
      );
      run(gluRows(a, b, expected));
      const actual = await carryOut({ a, b }, width, 1, together, (v, c) => glu({ ...c, gate: v.a, up: v.b, width }));
      check("glu", actual, expected.data);
    });

    it("glu of gates beyond where exp overflows", async () => {
      const [a, b] = [gaussian(TOKENS, 64, "a", 100), gaussian(TOKENS, 64, "b")];
      const expected = newMatrix(TOKENS, 64);
      run(gluRows(a, b, expected));
      const actual = await carryOut({ a, b }, 64, 1, together, (v, c) => glu({ ...c, gate: v.a, up: v.b, width: 64 }));
      check("glu", actual, expected.data);
    });

    it.each([256, 67])("select_outputs of %i", async (width) => {
      const x = gaussian(TOKENS, width, "x");
      const actual = await carryOut({ x }, width, 2, together, (v, c) => selectOutputs({ ...c, x: v.x, width }));
      expect([...actual]).toEqual([...x.data.slice(width, 2 * width), ...x.data.slice(4 * width, 5 * width)]);
    });

    it.each([
      [8, 2],
      [60, 4],
      [6, 6],
      [5, 1],
      [128, 8],
    ])("route: of %i, %i", async (experts, used) => {
      const logits = gaussian(TOKENS, experts, "logits", 2);
      // Equal logits: the lower number comes first.
      logits.data.fill(1, 0, experts);
      const expected = newMatrix(TOKENS, 2 * used);
      run(routeRows(logits, { used }, expected));
      const actual = await carryOut({ x: logits }, 2 * used, 1, together, (v, c) =>
        route({ ...c, logits: v.x, experts, used }),
      );
      check("route", actual, expected.data);
    });

    it.each([
      [96, 2],
      [67, 4],
      [600, 3],
    ])("expert_sum of %i, %i used", async (width, used) => {
      const inputs = { x: gaussian(TOKENS, width * used, "x"), routes: gaussian(TOKENS, 2 * used, "routes") };
      const expected = newMatrix(TOKENS, width);
      run(expertSumRows(inputs.x, inputs.routes, { used }, expected));
      const actual = await carryOut(inputs, width, 1, together, (v, c) =>
        expertSum({ ...c, x: v.x, routes: v.routes, width, used }),
      );
      check("expert_sum", actual, expected.data);
    });
  });

  it("add writes over an input", async () => {
    const data = gaussian(TOKENS, 40, "a").data as Float32Array<ArrayBuffer>;
    const view: View = { buffer: upload(device, data), offset: 0, stride: 40 };
    const step = upload(device, stepWords());
    await runDispatches(
      device,
      [add({ label: "x", step, rowsWord: 1, a: view, b: view, out: view, width: 40 })],
      TOKENS,
    );
    const actual = new Float32Array(await download(device, view.buffer));
    check(
      "add",
      actual.subarray(0, data.length),
      data.map((x) => 2 * x),
    );
  });

  it("leaves rows beyond the count of the step buffer alone", async () => {
    const x: View = { buffer: upload(device, new Float32Array(8 * 16).fill(1)), offset: 0, stride: 16 };
    const out: View = { ...x, buffer: device.storage(4 * 8 * 16, "out") };
    const step = upload(device, stepWords());
    await runDispatches(device, [add({ label: "x", step, rowsWord: 1, a: x, b: x, out, width: 16 })], 8);
    const actual = new Float32Array(await download(device, out.buffer));
    expect([...actual]).toEqual([...new Array(TOKENS * 16).fill(2), ...new Array(3 * 16).fill(0)]);
  });

  it.skipIf(!("quant/f32.wgsl" in SOURCES)).each([64, 67, 4100])("embed from two parts, %i numbers", async (width) => {
    const padded = Math.ceil(width / 32) * 32;
    const table = gaussian(40, width, "table");
    const part = (from: number, rows: number) => {
      const data = new Float32Array(rows * padded);
      for (let r = 0; r < rows; r++)
        data.set(table.data.subarray((from + r) * width, (from + r + 1) * width), r * padded);
      return { dtype: "F32", buffer: upload(device, data), width, rows, small: 0, book: 0 } as const;
    };
    const ids = [39, 0, 7, 7, 22];
    const out: View = { buffer: device.storage(4 * TOKENS * width, "out"), offset: 0, stride: width };
    const call = { label: "embed", out, step: upload(device, stepWords()), rowsWord: 1 } as const;
    const tokens = upload(device, new Uint32Array(ids));
    const parts = [
      embed({ ...call, tokens, matrix: part(0, 9), firstRow: 0 }),
      embed({ ...call, tokens, matrix: part(9, 31), firstRow: 9 }),
    ];
    await runDispatches(device, parts, TOKENS);
    const actual = new Float32Array(await download(device, out.buffer)).subarray(0, TOKENS * width);
    expect([...actual]).toEqual(ids.flatMap((id) => [...table.data.subarray(id * width, (id + 1) * width)]));
  });
});
