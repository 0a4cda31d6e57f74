import { describe, expect, it } from "vitest";
import type { RopeParams } from "../../core/graph.ts";
import { newCache } from "./cache.ts";
import { roundToHalf } from "./half.ts";
import { type Matrix, newMatrix, type Tensor } from "./matrix.ts";
import { add } from "./ops/add.ts";
import { attention } from "./ops/attention.ts";
import { embed } from "./ops/embed.ts";
import { expertMatmul } from "./ops/expert-matmul.ts";
import { expertSum } from "./ops/expert-sum.ts";
import { glu } from "./ops/glu.ts";
import { kvAppend } from "./ops/kv-append.ts";
import { matmul } from "./ops/matmul.ts";
import { rmsNorm } from "./ops/rms-norm.ts";
import { rope, ropeAngle } from "./ops/rope.ts";
import { route } from "./ops/route.ts";
import { selectOutputs } from "./ops/select-outputs.ts";
import type { Steps } from "./steps.ts";

/** Results worked out by hand. */

function matrix(...rows: number[][]): Matrix {
  return { data: Float32Array.from(rows.flat()), rows: rows.length, width: rows[0].length };
}

function tensor(shape: number[], ...data: number[]): Tensor {
  return { data: Float32Array.from(data), shape };
}

/** The rows of an op's output. */
function result(rows: number, width: number, op: (y: Matrix) => Steps): number[][] {
  const y = newMatrix(rows, width);
  for (const _ of op(y));
  return Array.from({ length: rows }, (_, row) => Array.from(y.data.subarray(row * width, (row + 1) * width)));
}

function expectClose(actual: number[][], expected: number[][]): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((row, r) => {
    expect(row.length).toBe(expected[r].length);
    row.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[r][i], 5);
    });
  });
}

describe("reference ops", () => {
  it("embed takes the tokens' rows", () => {
    const table = tensor([2, 3], 1, 2, 3, 4, 5, 6);
    expect(result(3, 2, (y) => embed([2, 0, 2], table, y))).toEqual([
      [5, 6],
      [1, 2],
      [5, 6],
    ]);
  });

  it("rms_norm divides by the root of the mean square, whole rows or in groups", () => {
    const x = matrix([3, 4, 0, 5]);
    const root = Math.sqrt(50 / 4 + 0.5);
    const whole = result(1, 4, (y) => rmsNorm(x, tensor([4], 1, 2, 3, 4), { eps: 0.5, groups: 1 }, y));
    expectClose(whole, [[3 / root, 8 / root, 0, 20 / root]]);
    const [a, b] = [Math.sqrt(25 / 2), Math.sqrt(25 / 2)];
    const halves = result(1, 4, (y) => rmsNorm(x, tensor([2], 1, 10), { eps: 0, groups: 2 }, y));
    expectClose(halves, [[3 / a, 40 / a, 0, 50 / b]]);
  });

  it("matmul multiplies by the weight's rows and adds the bias", () => {
    const x = matrix([1, 2], [0, -1]);
    const weight = tensor([2, 3], 1, 0, 0, 1, 2, 3);
    const bias = tensor([3], 10, 20, 30);
    expect(result(2, 3, (y) => matmul(x, weight, undefined, y))).toEqual([
      [1, 2, 8],
      [0, -1, -3],
    ]);
    expect(result(2, 3, (y) => matmul(x, weight, bias, y))).toEqual([
      [11, 22, 38],
      [10, 19, 27],
    ]);
  });

  it("glu is silu(gate) · up, also where exp overflows", () => {
    const gated = result(1, 4, (y) => glu(matrix([0, 1, 100, -1000]), matrix([7, 2, 3, 5]), y));
    expectClose(gated, [[0, 2 / (1 + Math.exp(-1)), 300, 0]]);
  });

  it("add and select_outputs", () => {
    expect(result(1, 2, (y) => add(matrix([1, 2]), matrix([10, -2]), y))).toEqual([[11, 0]]);
    expect(result(2, 1, (y) => selectOutputs(matrix([1], [2], [3]), [0, 2], y))).toEqual([[1], [3]]);
  });

  it("route ranks experts and weighs the picked ones alone", () => {
    const e = Math.exp(1);
    const routes = result(2, 4, (y) => route(matrix([1, 3, 2, -9], [5, 0, 5, 5]), { used: 2 }, y));
    expectClose(routes, [
      [1, 2, e / (e + 1), 1 / (e + 1)],
      [0, 2, 0.5, 0.5],
    ]);
  });

  it("expert_matmul uses the picked experts' matrices, expert_sum their weights", () => {
    // Expert e maps (a, b) to (e + 1) · a + b.
    const weight = tensor([2, 1, 3], 1, 1, 2, 1, 3, 1);
    const routes = matrix([2, 0, 0.75, 0.25]);
    const params = { used: 2 };
    expect(result(1, 2, (y) => expertMatmul(matrix([10, 1]), weight, routes, params, y))).toEqual([[31, 11]]);
    expect(result(1, 2, (y) => expertMatmul(matrix([10, 1, 20, 2]), weight, routes, params, y))).toEqual([[31, 22]]);
    expect(result(1, 2, (y) => expertSum(matrix([4, 8, 16, 32]), routes, params, y))).toEqual([[7, 14]]);
  });
});

describe("rope", () => {
  const params: RopeParams = {
    headSize: 4,
    heads: 1,
    rotaryDims: 4,
    pairing: "neighbours",
    freqBase: 100,
    freqScale: 1,
    extFactor: 0,
    attnFactor: 1,
    betaFast: 32,
    betaSlow: 1,
    originalContext: 4096,
  };
  const turned = (x: number[], position: number, changes: Partial<RopeParams>, divisors?: Tensor) =>
    result(1, x.length, (y) => rope(matrix(x), divisors, position, { ...params, ...changes }, y));

  it("turns pairs by position · base^(-2i/dims)", () => {
    const [a, b] = [3, 3 * 100 ** -0.5];
    const neighbours = [Math.cos(a), Math.sin(a), -Math.sin(b), Math.cos(b)];
    expectClose(turned([1, 0, 0, 1], 3, {}), [neighbours]);
    const halves = [Math.cos(a), -Math.sin(b), Math.sin(a), Math.cos(b)];
    expectClose(turned([1, 0, 0, 1], 3, { pairing: "halves" }), [halves]);
  });

  it("leaves numbers past the rotary dimensions, and position 0, as they are", () => {
    expectClose(turned([1, 0, 5, 6], 1, { rotaryDims: 2 }), [[Math.cos(1), Math.sin(1), 5, 6]]);
    expect(turned([1, 2, 3, 4], 0, {})).toEqual([[1, 2, 3, 4]]);
  });

  it("divides angles by the divisors and multiplies them by freqScale", () => {
    const divided = turned([1, 0, 1, 0], 8, { freqScale: 0.5 }, tensor([2], 4, 2));
    expectClose(divided, [[Math.cos(1), Math.sin(1), Math.cos(0.2), Math.sin(0.2)]]);
  });

  it("mixes angles as YaRN does, with the published constants for a factor of 8 from 512", () => {
    const yarn = {
      ...params,
      headSize: 32,
      rotaryDims: 32,
      freqBase: 10000,
      freqScale: 1 / 8,
      extFactor: 1,
      originalContext: 512,
    };
    // Pair x turns n times within 512 positions for x = 32 · ln(512 / 2πn) / (2 · ln 10000): 1.62 for n = 32 and 7.64 for
    // n = 1. The ramp falls from pair 1 to pair 8.
    const share = (pair: number) => ropeAngle(1, pair, 1, yarn) / 10000 ** (-pair / 16);
    expect(share(0)).toBeCloseTo(1, 12);
    expect(share(1)).toBeCloseTo(1, 12);
    expect(share(4)).toBeCloseTo(4 / 7 + 3 / 7 / 8, 12);
    expect(share(8)).toBeCloseTo(1 / 8, 12);
    expect(share(15)).toBeCloseTo(1 / 8, 12);
    const [[x]] = turned([1, 0, 0, 0], 0, { extFactor: 1, freqScale: 1 / 8, attnFactor: 2 });
    expect(x).toBeCloseTo(2 * (1 + 0.1 * Math.log(8)), 6);
  });
});

describe("attention", () => {
  const run = (steps: Steps): void => {
    for (const _ of steps);
  };

  it("averages the values of earlier positions by softmax, each pair of heads on its own keys", () => {
    const cache = newCache({ keyWidth: 2, valueWidth: 2 }, 8);
    // Two key/value heads of size 1; position 0 and 1.
    run(kvAppend(matrix([1, 0], [3, 0]), matrix([10, 100], [20, 300]), cache, 0, "f32"));
    const params = { layer: 0, heads: 4, kvHeads: 2, headSize: 1, valueSize: 1, scale: 0.5 };
    const q = matrix([1, 0, 1, 1], [1, 0, 1, 1]);
    const share = 1 / (1 + Math.exp(0.5 * (1 - 3)));
    expectClose(
      result(2, 4, (y) => attention(q, undefined, cache, 0, params, y)),
      [
        [10, 10, 100, 100],
        [10 + 10 * share, 15, 200, 200],
      ],
    );
  });

  it("sees what was appended, at the right positions, in the type of the cache", () => {
    const cache = newCache({ keyWidth: 1, valueWidth: 1 }, 4);
    const params = { layer: 0, heads: 1, kvHeads: 1, headSize: 1, valueSize: 1, scale: 1 };
    run(kvAppend(matrix([0], [0], [0]), matrix([1], [2], [4]), cache, 0, "f32"));
    run(kvAppend(matrix([0]), matrix([1 + 2 ** -12]), cache, 1, "f16"));
    expectClose(
      result(1, 1, (y) => attention(matrix([1]), undefined, cache, 2, params, y)),
      [[2]],
    );
    expect(cache.values.data[1]).toBe(1);
  });
});

describe("roundToHalf", () => {
  it.each([
    [0, 0],
    [1, 1],
    [-1.5, -1.5],
    [1 + 2 ** -11, 1],
    [1 + 3 * 2 ** -11, 1 + 2 ** -9],
    [1 + 2 ** -11 + 2 ** -20, 1 + 2 ** -10],
    [2 - 2 ** -12, 2],
    [65504, 65504],
    [65519, 65504],
    [65520, Number.POSITIVE_INFINITY],
    [-1e9, Number.NEGATIVE_INFINITY],
    [2 ** -14, 2 ** -14],
    [2 ** -24, 2 ** -24],
    [2 ** -25, 0],
    [3 * 2 ** -25, 2 ** -23],
    [1e-40, 0],
    [Number.NaN, Number.NaN],
  ])("%f becomes %f", (x, expected) => {
    expect(roundToHalf(x)).toBe(expected);
  });
});
