import { byteLength, type DType } from "../../core/dtype.ts";
import type { Graph, OpName } from "../../core/graph.ts";
import type { TensorInfo } from "../../core/source.ts";
import type { Backend, CompileOptions, RunRequest } from "../backend.ts";
import { rootMeanSquare } from "./random-weights.ts";

/**
 * One small graph around one op, with everything to run it: serves to compare a backend with the reference backend, to
 * time an op, and to tell what is supported.
 */
export interface OpCase {
  readonly op: OpName;
  /** For people, unique among the cases: "matmul Q4_K 512×40". */
  readonly name: string;
  /** Type of the matrix the case is about. */
  readonly dtype?: DType;
  readonly graph: Graph;
  readonly weights: readonly CaseWeight[];
  readonly options: CompileOptions;
  /** Carried out one after another on the same plan. */
  readonly runs: readonly CaseRun[];
  readonly tolerance: Tolerance;
}

export interface CaseWeight {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Makes the bytes as they would lie in a file; the same every time. */
  readonly bytes: () => Uint8Array<ArrayBuffer>;
}

export type CaseRun = Pick<RunRequest, "tokens" | "position" | "outputs">;

/** What activations are rounded to as they enter a matrix product. */
export type Rounding = "f32" | "f16" | "int8";

/** Largest difference from the reference that is no error, relative to the root mean square of the expected rows. */
export type Tolerance = Readonly<Record<Rounding, number>>;

/** Compiles and loads a case and carries its runs out; the rows of all runs, in order. */
export async function runCase(backend: Backend, { graph, options, weights, runs }: OpCase): Promise<Float32Array[]> {
  const plan = await backend.compile(graph, options);
  try {
    await plan.load(weights.map(tensorOf), {});
    const rows: Float32Array[] = [];
    for (const run of runs) for (const row of await plan.run(run)) rows.push(row.slice());
    return rows;
  } finally {
    await plan.close();
  }
}

export interface CaseOutcome {
  /** Largest difference of each run, relative to the root mean square of its expected rows. */
  readonly deviations: readonly number[];
  readonly tolerance: number;
  readonly passed: boolean;
}

/** Runs a case on both backends and compares, run by run; anything that is not a number counts as infinitely wrong. */
export async function checkCase(
  reference: Backend,
  backend: Backend,
  opCase: OpCase,
  rounding: Rounding,
): Promise<CaseOutcome> {
  const expected = await expectedRows(reference, opCase);
  const actual = await runCase(backend, opCase);
  let row = 0;
  const deviations = opCase.runs.map(({ outputs }) => {
    const from = row;
    row += outputs.length;
    return deviation(expected.slice(from, row), actual.slice(from, row));
  });
  const tolerance = opCase.tolerance[rounding];
  const passed = actual.length === expected.length && deviations.every((d) => d <= tolerance);
  return { deviations, tolerance, passed };
}

const known = new WeakMap<OpCase, Promise<Float32Array[]>>();

/** The reference's rows, computed once for all backends and variants. */
function expectedRows(reference: Backend, opCase: OpCase): Promise<Float32Array[]> {
  const rows = known.get(opCase) ?? runCase(reference, opCase);
  known.set(opCase, rows);
  return rows;
}

function deviation(expected: readonly Float32Array[], actual: readonly Float32Array[]): number {
  let largest = 0;
  expected.forEach((row, r) => {
    row.forEach((value, i) => {
      const difference = Math.abs((actual[r]?.[i] ?? Number.NaN) - value);
      largest = Math.max(largest, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
    });
  });
  if (largest === 0) return 0;
  const squares = expected.reduce((sum, row) => sum + rootMeanSquare(row) ** 2, 0);
  return largest / Math.sqrt(squares / expected.length);
}

/** A case's weight as a tensor in a file of its own. */
function tensorOf({ name, dtype, shape, bytes }: CaseWeight): TensorInfo {
  const data = bytes();
  const elements = shape.reduce((product, size) => product * size, 1);
  const source = {
    name,
    size: data.length,
    read: async (offset: number, length: number) => data.slice(offset, offset + length),
  };
  return { name, dtype, shape, source, offset: 0, byteLength: byteLength(dtype, elements) };
}
