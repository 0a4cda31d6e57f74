import { byteLength, DTYPES, type DType } from "../../core/dtype.ts";
import { WebggufError } from "../../core/errors.ts";
import type { Graph, ValueId, Weight } from "../../core/graph.ts";
import type { Step } from "../graph-utils/fuse.ts";

/** Rows of a strip, see wasm/formats.h. */
export const STRIP = 8;

/** Types with kernels of their own: packed into strips, multiplied in place. */
export const PACKED_TYPES: ReadonlySet<DType> = new Set([
  "F32",
  "F16",
  "BF16",
  "Q4_0",
  "Q4_1",
  "Q5_0",
  "Q5_1",
  "Q8_0",
  "Q4_K",
  "Q5_K",
  "Q6_K",
]);

/** Forms of the activations that each type multiplies with (wasm/act.h). */
const FORM = { q8: 1, q8k: 2, q16: 4, f32: 8 };
const FORMS: Partial<Record<DType, number>> = {
  Q4_0: FORM.q8,
  Q4_1: FORM.q8,
  Q5_0: FORM.q8,
  Q5_1: FORM.q8,
  Q8_0: FORM.q16,
  Q4_K: FORM.q8k,
  Q5_K: FORM.q8k,
  Q6_K: FORM.q8k,
};

/** `full`: whether Q8_0 multiplies whole bytes. */
export const formOf = (dtype: DType, full: boolean): number =>
  dtype === "Q8_0" && full ? FORM.q8 : (FORMS[dtype] ?? FORM.f32);

/** How a weight lies in memory. */
export interface WeightPlace {
  readonly weight: Weight;
  readonly kind: "strips" | "file" | "floats";
  readonly offset: number;
  readonly bytes: number;
  readonly rowLength: number;
  /** Rows of one matrix. */
  readonly rows: number;
  /** Matrices (experts). */
  readonly count: number;
  /** Bytes of one row, in the file and in memory. */
  readonly rowBytes: number;
  /** Bytes of one matrix in memory. */
  readonly matrixBytes: number;
}

const ALIGN = 64;

/**
 * Gives every weight its place: matrices of a packed type in strips, other matrices as in the file, and what is used number
 * by number (norms, biases, rotary divisors) as floats.
 */
export function placeWeights(
  graph: Graph,
  steps: readonly Step[],
): { places: ReadonlyMap<ValueId, WeightPlace>; bytes: number } {
  const matrices = matrixWeights(steps);
  const multiplied = matrixWeights(steps.filter((step) => step.kind !== "rows"));
  const places = new Map<ValueId, WeightPlace>();
  let offset = 0;
  graph.values.forEach((weight, id) => {
    if (weight.kind !== "weight") return;
    const [rowLength, rows = 1, count = 1] = weight.shape;
    if (!(weight.dtype in DTYPES)) {
      throw new WebggufError(
        "unsupported-quantization",
        `Tensor "${weight.name}" has the type ${weight.dtype}, which the CPU path does not know.`,
      );
    }
    const rowBytes = byteLength(weight.dtype, rowLength);
    const kind = !matrices.has(id)
      ? "floats"
      : multiplied.has(id) && PACKED_TYPES.has(weight.dtype)
        ? "strips"
        : "file";
    const paddedRows = kind === "strips" ? Math.ceil(rows / STRIP) * STRIP : rows;
    const matrixBytes = kind === "floats" ? rowLength * rows * 4 : paddedRows * rowBytes;
    const bytes = matrixBytes * count;
    places.set(id, { weight, kind, offset, bytes, rowLength, rows, count, rowBytes, matrixBytes });
    offset += Math.ceil(bytes / ALIGN) * ALIGN;
  });
  return { places, bytes: offset };
}

function matrixWeights(steps: readonly Step[]): Set<ValueId> {
  const ids = steps.flatMap((step) => {
    if (step.kind === "matmul") return step.segments.map((s) => s.weight);
    if (step.kind === "expert_matmul") return [step.op.inputs[1]];
    return step.kind === "rows" ? step.ops.flatMap((op) => (op.op === "embed" ? [op.inputs[0]] : [])) : [];
  });
  return new Set(ids);
}
