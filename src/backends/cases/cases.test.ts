import { describe, expect, it } from "vitest";
import { DTYPES, type DType } from "../../core/dtype.ts";
import type { OpName } from "../../core/graph.ts";
import { dequantize } from "../../quant/index.ts";
import type { Backend } from "../backend.ts";
import { createReferenceBackend } from "../reference/index.ts";
import { checkCase, OP_CASES, runCase } from "./index.ts";
import { randomWeights, rootMeanSquare } from "./random-weights.ts";

const DTYPE_NAMES = Object.keys(DTYPES) as DType[];

describe("random weights", () => {
  it.each(DTYPE_NAMES)("%s: finite, of the intended size, the same for the same seed", (dtype) => {
    const bytes = randomWeights(dtype, 2048, "weights");
    const magnitude = rootMeanSquare(dequantize(dtype, bytes, 2048));
    expect(magnitude).toBeGreaterThan(0.04);
    expect(magnitude).toBeLessThan(0.25);
    expect(randomWeights(dtype, 2048, "weights")).toEqual(bytes);
    expect(randomWeights(dtype, 2048, "others")).not.toEqual(bytes);
  });
});

describe("the case table", () => {
  it("has every op, and every storage type where an op reads matrices", () => {
    const OPS: Record<OpName, true> = {
      embed: true,
      rms_norm: true,
      matmul: true,
      rope: true,
      kv_append: true,
      attention: true,
      glu: true,
      add: true,
      select_outputs: true,
      route: true,
      expert_matmul: true,
      expert_sum: true,
    };
    expect([...new Set(OP_CASES.map(({ op }) => op))].sort()).toEqual(Object.keys(OPS).sort());
    for (const op of ["embed", "matmul", "expert_matmul"]) {
      const dtypes = new Set(OP_CASES.filter((c) => c.op === op).map(({ dtype }) => dtype));
      expect([...dtypes].sort()).toEqual([...DTYPE_NAMES].sort());
    }
  });

  it("gives each case a name of its own", () => {
    const names = OP_CASES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(OP_CASES.map((c) => [c.name, c] as const))("%s: rows as asked for, finite, not all zero", async (_, c) => {
    const rows = await runCase(createReferenceBackend(), c);
    const output = c.graph.values[c.graph.output];
    expect(rows.length).toBe(c.runs.reduce((sum, { outputs }) => sum + outputs.length, 0));
    for (const row of rows) expect(row.length).toBe(output.kind === "activation" && output.width);
    expect(rows.every((row) => row.every(Number.isFinite))).toBe(true);
    expect(rows.some((row) => row.some((x) => x !== 0))).toBe(true);
  });
});

describe("checkCase", () => {
  const [opCase] = OP_CASES.filter(({ name }) => name.startsWith("matmul Q4_0"));

  /** The reference backend, with a change to every row it gives. */
  function changed(change: (row: Float32Array) => Float32Array): Backend {
    const reference = createReferenceBackend();
    return {
      ...reference,
      async compile(graph, options) {
        const plan = await reference.compile(graph, options);
        return {
          memory: plan.memory,
          load: (tensors, loadOptions) => plan.load(tensors, loadOptions),
          run: async (request) => (await plan.run(request)).map(change),
          close: () => plan.close(),
        };
      },
    };
  }

  const check = (backend: Backend) => checkCase(createReferenceBackend(), backend, opCase, "int8");

  it("passes equal results", async () => {
    const { passed, deviations } = await check(changed((row) => row));
    expect(passed).toBe(true);
    expect(deviations).toEqual(opCase.runs.map(() => 0));
  });

  it("fails on one wrong number, one that is not a number, and rows that are too short", async () => {
    const last = (x: number) => (row: Float32Array) =>
      row.map((value, i) => (i === row.length - 1 ? value + x : value));
    expect((await check(changed(last(1)))).passed).toBe(false);
    expect((await check(changed(last(Number.NaN)))).passed).toBe(false);
    expect((await check(changed((row) => row.subarray(1)))).passed).toBe(false);
  });

  it("tells the size of a deviation relative to the rows", async () => {
    const { passed, deviations } = await check(changed((row) => row.map((x) => x * 1.00001)));
    expect(passed).toBe(true);
    for (const deviation of deviations) {
      expect(deviation).toBeGreaterThan(1e-5);
      expect(deviation).toBeLessThan(6e-5);
    }
  });
});
