import { byteLength, DTYPES } from "../../core/dtype.ts";
import { WebggufError } from "../../core/errors.ts";
import type { Graph, ValueId, Weight } from "../../core/graph.ts";
import { planeLayout } from "./planes.ts";
import type { GpuStep } from "./steps.ts";
import type { Matrix } from "./views.ts";

/** Where a weight goes. */
export type WeightPlace = MatrixPlace | FloatsPlace | AnglesPlace;

/** A matrix (or the experts' matrices, one under the other), in as many buffers as the binding limit asks for. */
export interface MatrixPlace {
  readonly kind: "matrix";
  readonly weight: Weight;
  readonly width: number;
  readonly rows: number;
  /** Bytes of a row in the file. */
  readonly rowBytes: number;
  readonly parts: readonly { readonly firstRow: number; readonly matrix: Matrix }[];
}

/** Norms and biases: F32, `offset` numbers into a buffer that several may share. */
export interface FloatsPlace {
  readonly kind: "floats";
  readonly weight: Weight;
  readonly buffer: GPUBuffer;
  readonly offset: number;
}

/** Divisors of rotation frequencies stay in JavaScript. */
export interface AnglesPlace {
  readonly kind: "angles";
  readonly weight: Weight;
  values: Float32Array | undefined;
}

export interface Placed {
  readonly places: ReadonlyMap<ValueId, WeightPlace>;
  /** The biases of a matrix product, one after another, by the first segment's weight. */
  readonly biases: ReadonlyMap<ValueId, GPUBuffer>;
}

/** Parts of a split matrix have a multiple of so many rows, so that every plane of every type begins on a whole word. */
export const PART_ROWS = 32;

export function placeWeights(
  graph: Graph,
  steps: readonly GpuStep[],
  bindingBytes: number,
  allocate: (bytes: number, label: string) => GPUBuffer,
): Placed {
  const places = new Map<ValueId, WeightPlace>();
  const biases = new Map<ValueId, GPUBuffer>();
  const matrix = (id: ValueId) => {
    if (places.has(id)) return;
    const weight = weightOf(graph, id);
    const [width, rows = 1, count = 1] = weight.shape;
    if (!(weight.dtype in DTYPES)) {
      throw new WebggufError(
        "unsupported-quantization",
        `Tensor "${weight.name}" has the type ${weight.dtype}, which the GPU path does not know.`,
      );
    }
    places.set(id, matrixPlace(weight, width, rows * count, bindingBytes, allocate));
  };
  const floats = (id: ValueId) => {
    if (places.has(id)) return;
    const weight = weightOf(graph, id);
    const numbers = weight.shape.reduce((product, size) => product * size, 1);
    places.set(id, { kind: "floats", weight, buffer: allocate(numbers * 4, weight.name), offset: 0 });
  };

  for (const step of steps) {
    if (step.kind === "matmul") {
      const { segments, norm } = step.step;
      for (const { weight } of segments) matrix(weight);
      if (norm) floats(norm.weight);
      if (segments.some((s) => s.bias !== undefined)) {
        const rows = segments.map((s) => weightOf(graph, s.weight).shape[1] ?? 1);
        const total = rows.reduce((a, b) => a + b, 0);
        const buffer = allocate(total * 4, `${weightOf(graph, segments[0].weight).name} biases`);
        biases.set(segments[0].weight, buffer);
        let offset = 0;
        segments.forEach(({ bias }, i) => {
          if (bias !== undefined) places.set(bias, { kind: "floats", weight: weightOf(graph, bias), buffer, offset });
          offset += rows[i];
        });
      }
    } else if (step.kind === "rotate") {
      for (const turned of [step.q, step.k]) {
        if (turned?.norm) floats(turned.norm.weight);
        if (turned?.divisors !== undefined) {
          places.set(turned.divisors, { kind: "angles", weight: weightOf(graph, turned.divisors), values: undefined });
        }
      }
    } else if (step.kind === "expert_matmul") {
      matrix(step.op.inputs[1]);
    } else if (step.kind === "op" && step.op.op === "embed") {
      matrix(step.op.inputs[0]);
    } else {
      for (const id of step.op.inputs) if (graph.values[id].kind === "weight") floats(id);
    }
  }
  return { places, biases };
}

function matrixPlace(
  weight: Weight,
  width: number,
  rows: number,
  bindingBytes: number,
  allocate: (bytes: number, label: string) => GPUBuffer,
): MatrixPlace {
  const bytesOf = (n: number) => planeLayout(weight.dtype, width, n).words * 4;
  let most = rows;
  if (bytesOf(rows) > bindingBytes) {
    const fixed = bytesOf(0);
    most = Math.floor((bindingBytes - fixed) / ((bytesOf(PART_ROWS) - fixed) / PART_ROWS) / PART_ROWS) * PART_ROWS;
    if (most < PART_ROWS) {
      throw new WebggufError(
        "out-of-memory",
        `${PART_ROWS} rows of tensor "${weight.name}" take ${bytesOf(PART_ROWS)} bytes; this GPU binds ${bindingBytes} at a time. Use the CPU path.`,
      );
    }
  }
  const parts = Array.from({ length: Math.ceil(rows / most) }, (_, i) => {
    const partRows = Math.min(most, rows - i * most);
    const { words, small, book } = planeLayout(weight.dtype, width, partRows);
    const buffer = allocate(words * 4, weight.name);
    return { firstRow: i * most, matrix: { dtype: weight.dtype, buffer, width, rows: partRows, small, book } };
  });
  return { kind: "matrix", weight, width, rows, rowBytes: byteLength(weight.dtype, width), parts };
}

export function weightOf(graph: Graph, id: ValueId): Weight {
  const value = graph.values[id];
  if (value.kind !== "weight") throw new WebggufError("internal", `Value ${id} is not a weight.`);
  return value;
}
