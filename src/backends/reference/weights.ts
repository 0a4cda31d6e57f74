import { byteLength, DTYPES } from "../../core/dtype.ts";
import { throwIfAborted, WebggufError } from "../../core/errors.ts";
import type { Graph, ValueId, Weight } from "../../core/graph.ts";
import type { TensorInfo } from "../../core/source.ts";
import { dequantize } from "../../quant/index.ts";
import type { Tensor } from "./matrix.ts";

/** Elements read and decoded at a time: a whole number of blocks of every type. */
const SLICE_ELEMENTS = 2 ** 20;

/** A graph's weights, dequantised to float32. */
export class WeightStore {
  readonly tensors: ReadonlyMap<ValueId, Tensor>;
  readonly #declared: ReadonlyMap<string, { id: ValueId; weight: Weight }>;
  readonly #missing: Set<string>;

  /** Sets memory aside for every weight of the graph. */
  constructor(graph: Graph) {
    const declared = new Map<string, { id: ValueId; weight: Weight }>();
    const tensors = new Map<ValueId, Tensor>();
    graph.values.forEach((value, id) => {
      if (value.kind !== "weight") return;
      declared.set(value.name, { id, weight: value });
      tensors.set(id, { data: new Float32Array(elementsOf(value)), shape: value.shape });
    });
    this.#declared = declared;
    this.#missing = new Set(declared.keys());
    this.tensors = tensors;
  }

  get bytes(): number {
    let sum = 0;
    for (const { data } of this.tensors.values()) sum += data.byteLength;
    return sum;
  }

  /** Throws unless every weight has been loaded. */
  checkComplete(): void {
    const [name] = this.#missing;
    if (name === undefined) return;
    throw new WebggufError(
      "no-weights",
      `${this.#missing.size} of the model's tensors are not loaded, "${name}" among them.`,
    );
  }

  async load(
    tensor: TensorInfo,
    { onBytes, signal }: { onBytes?: (bytes: number) => void; signal?: AbortSignal },
  ): Promise<void> {
    const declared = this.#declared.get(tensor.name);
    if (!declared) throw new WebggufError("invalid-argument", `The model has no use for the tensor "${tensor.name}".`);
    const { id, weight } = declared;
    const { dtype } = weight;
    const total = elementsOf(weight);
    if (tensor.dtype !== dtype || tensor.byteLength !== byteLength(dtype, total)) {
      throw new WebggufError(
        "invalid-argument",
        `Tensor "${tensor.name}" has type ${tensor.dtype} and ${tensor.byteLength} bytes; ` +
          `the plan was compiled for ${dtype} and ${byteLength(dtype, total)}.`,
      );
    }
    const { data } = this.tensors.get(id) as Tensor;
    for (let start = 0; start < total; start += SLICE_ELEMENTS) {
      throwIfAborted(signal);
      const count = Math.min(SLICE_ELEMENTS, total - start);
      const bytes = await tensor.source.read(
        tensor.offset + byteLength(dtype, start),
        byteLength(dtype, count),
        signal,
      );
      data.set(dequantize(dtype, bytes, count), start);
      onBytes?.(bytes.byteLength);
    }
    this.#missing.delete(tensor.name);
  }
}

/** Throws `malformed` when the shape is no whole number of blocks. */
function elementsOf({ name, dtype, shape }: Weight): number {
  const { blockElements } = DTYPES[dtype];
  if (shape[0] % blockElements !== 0) {
    throw new WebggufError(
      "malformed",
      `Tensor "${name}" has rows of ${shape[0]} elements; ${dtype} needs a multiple of ${blockElements}.`,
    );
  }
  return shape.reduce((product, size) => product * size, 1);
}
