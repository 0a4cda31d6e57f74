import { byteLength } from "../../core/dtype.ts";
import { throwIfAborted, WebggufError } from "../../core/errors.ts";
import type { Weight } from "../../core/graph.ts";
import type { TensorInfo } from "../../core/source.ts";

/** A piece of a tensor in its file, and what is to be done with its bytes. */
export interface Slice {
  /** Bytes from the tensor's beginning. */
  readonly offset: number;
  readonly length: number;
  /** Puts the bytes where they live; a promise holds the next slice back. */
  put(data: Uint8Array<ArrayBuffer>): unknown;
}

export interface LoadOptions {
  readonly onBytes?: (bytes: number) => void;
  readonly signal?: AbortSignal;
}

/** Reads slices one after another, the next on its way while one is put in place, so that no more than two are held. */
export async function loadSlices(
  tensor: TensorInfo,
  slices: readonly Slice[],
  { onBytes, signal }: LoadOptions,
): Promise<void> {
  const read = (slice: Slice | undefined) =>
    slice && tensor.source.read(tensor.offset + slice.offset, slice.length, signal);
  let next = read(slices[0]);
  for (let i = 0; i < slices.length; i++) {
    const data = await next!;
    throwIfAborted(signal);
    next = read(slices[i + 1]);
    // A failed read is reported by the await above, in its turn.
    next?.catch(() => {});
    await slices[i].put(data);
    onBytes?.(data.length);
  }
}

/** Throws `malformed` unless the tensor is what the graph asks for. */
export function checkTensor(weight: Weight, tensor: TensorInfo): void {
  const elements = weight.shape.reduce((product, size) => product * size, 1);
  if (tensor.dtype !== weight.dtype || tensor.byteLength !== byteLength(weight.dtype, elements)) {
    throw new WebggufError(
      "malformed",
      `Tensor "${tensor.name}" is ${tensor.byteLength} bytes of ${tensor.dtype}; the model asks for [${weight.shape.join(", ")}] of ${weight.dtype}.`,
    );
  }
}
