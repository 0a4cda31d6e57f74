import { byteLength } from "../../core/dtype.ts";
import { throwIfAborted, WebggufError } from "../../core/errors.ts";
import type { Weight } from "../../core/graph.ts";
import { giveWay } from "../../core/pacer.ts";
import type { TensorInfo } from "../../core/source.ts";
import { Stretch } from "./stretch.ts";

/** A part of a tensor in its file, and where its bytes go. */
export interface Slice {
  /** Bytes from the tensor's beginning. */
  readonly offset: number;
  readonly length: number;
  /** What takes the bytes as they come, all `length` of them; asked for when the slice's turn comes. */
  into(): Uint8Array;
  /** Puts the bytes where they live; a promise holds the next slice back. */
  put(): unknown;
}

/** A tensor as slices that follow each other. */
export interface SlicedTensor {
  readonly tensor: TensorInfo;
  readonly slices: readonly Slice[];
  /** Told when all of them are in place. */
  readonly done: () => void;
}

export interface LoadOptions {
  readonly onBytes?: (bytes: number) => void;
  readonly signal?: AbortSignal;
}

/** Tensors that lie closer together are read in a row: the alignment between two, or a small one that nobody wants. */
const LONGEST_GAP = 64 << 10;

/** Reads tensors as few long stretches, and fills one slice after another. */
export async function loadSlices(tensors: readonly SlicedTensor[], options: LoadOptions): Promise<void> {
  for (const stretch of stretchesOf(tensors)) await loadStretch(stretch, options);
}

async function loadStretch(tensors: readonly SlicedTensor[], { onBytes, signal }: LoadOptions): Promise<void> {
  const { source, offset } = tensors[0].tensor;
  const bytes = new Stretch(source, offset, endOf(tensors[tensors.length - 1]) - offset, signal);
  try {
    for (const { tensor, slices, done } of tensors) {
      for (const slice of slices) {
        await giveWay();
        throwIfAborted(signal);
        await bytes.skipTo(tensor.offset + slice.offset);
        await bytes.fill(slice.into());
        await slice.put();
        onBytes?.(slice.length);
      }
      done();
    }
  } finally {
    bytes.close();
  }
}

function stretchesOf(tensors: readonly SlicedTensor[]): SlicedTensor[][] {
  const stretches: SlicedTensor[][] = [];
  let last: SlicedTensor | undefined;
  for (const next of tensors) {
    const gap = last?.tensor.source === next.tensor.source ? next.tensor.offset - endOf(last) : -1;
    if (gap >= 0 && gap <= LONGEST_GAP) stretches[stretches.length - 1].push(next);
    else stretches.push([next]);
    last = next;
  }
  return stretches;
}

const endOf = ({ tensor }: SlicedTensor): number => tensor.offset + tensor.byteLength;

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
