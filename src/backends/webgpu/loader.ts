import { byteLength } from "../../core/dtype.ts";
import { throwIfAborted, WebggufError } from "../../core/errors.ts";
import type { TensorInfo } from "../../core/source.ts";
import { dequantize } from "../../quant/index.ts";
import { splitRows } from "./planes.ts";
import { type MatrixPlace, PART_ROWS, type WeightPlace } from "./weights.ts";

/** About so many bytes are read at a time; two such slices are held at most. */
const SLICE_BYTES = 16 << 20;

interface Slice {
  readonly offset: number;
  readonly length: number;
  put(data: Uint8Array<ArrayBuffer>): void;
}

/** Reads one tensor in slices, the next on its way while one is put in place. */
export async function loadTensor(
  device: GPUDevice,
  place: WeightPlace,
  tensor: TensorInfo,
  { onBytes, signal }: { onBytes?: (bytes: number) => void; signal?: AbortSignal },
): Promise<void> {
  checkTensor(place, tensor);
  const slices = place.kind === "matrix" ? matrixSlices(device, place) : [wholeSlice(device, place, tensor)];
  const read = (slice: Slice | undefined) =>
    slice && tensor.source.read(tensor.offset + slice.offset, slice.length, signal);
  let next = read(slices[0]);
  for (let i = 0; i < slices.length; i++) {
    const data = await next!;
    throwIfAborted(signal);
    next = read(slices[i + 1]);
    // A failed read is reported by the await above, in its turn.
    next?.catch(() => {});
    slices[i].put(data);
    // What the queue has taken lives in its memory until it is written: give it time.
    if (i % 2) await device.queue.onSubmittedWorkDone();
    onBytes?.(data.length);
  }
  await device.queue.onSubmittedWorkDone();
}

function checkTensor({ weight }: WeightPlace, tensor: TensorInfo): void {
  const elements = weight.shape.reduce((product, size) => product * size, 1);
  if (tensor.dtype !== weight.dtype || tensor.byteLength !== byteLength(weight.dtype, elements)) {
    throw new WebggufError(
      "malformed",
      `Tensor "${tensor.name}" is ${tensor.byteLength} bytes of ${tensor.dtype}; the model asks for [${weight.shape.join(", ")}] of ${weight.dtype}.`,
    );
  }
}

function wholeSlice(device: GPUDevice, place: Exclude<WeightPlace, MatrixPlace>, tensor: TensorInfo): Slice {
  const numbers = place.weight.shape.reduce((product, size) => product * size, 1);
  const put = (data: Uint8Array<ArrayBuffer>) => {
    const floats = dequantize(place.weight.dtype, data, numbers);
    if (place.kind === "angles") place.values = floats;
    else device.queue.writeBuffer(place.buffer, place.offset * 4, floats);
  };
  return { offset: 0, length: tensor.byteLength, put };
}

function matrixSlices(device: GPUDevice, place: MatrixPlace): Slice[] {
  const atOnce = Math.max(PART_ROWS, Math.floor(SLICE_BYTES / place.rowBytes / PART_ROWS) * PART_ROWS);
  return place.parts.flatMap(({ firstRow, matrix }) =>
    Array.from({ length: Math.ceil(matrix.rows / atOnce) }, (_, i): Slice => {
      const row = i * atOnce;
      const rows = Math.min(atOnce, matrix.rows - row);
      return {
        offset: (firstRow + row) * place.rowBytes,
        length: rows * place.rowBytes,
        put(data) {
          for (const { byteOffset, bytes } of splitRows(matrix, data, row, rows)) {
            device.queue.writeBuffer(matrix.buffer, byteOffset, bytes);
          }
        },
      };
    }),
  );
}
