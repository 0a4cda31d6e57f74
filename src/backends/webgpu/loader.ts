import type { TensorInfo } from "../../core/source.ts";
import { dequantize } from "../../quant/index.ts";
import { checkTensor, type LoadOptions, loadSlices, type Slice } from "../graph-utils/slices.ts";
import { splitRows } from "./planes.ts";
import { type MatrixPlace, PART_ROWS, type WeightPlace } from "./weights.ts";

/** About so many bytes are read at a time; two such slices are held at most. */
const SLICE_BYTES = 16 << 20;

/** Reads one tensor in slices and puts them in place. */
export async function loadTensor(
  device: GPUDevice,
  place: WeightPlace,
  tensor: TensorInfo,
  options: LoadOptions,
): Promise<void> {
  checkTensor(place.weight, tensor);
  const slices = place.kind === "matrix" ? matrixSlices(device, place) : [wholeSlice(device, place, tensor)];
  await loadSlices(tensor, slices, options);
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
          // What the queue has taken lives in its memory until it is written: wait for it.
          return device.queue.onSubmittedWorkDone();
        },
      };
    }),
  );
}
