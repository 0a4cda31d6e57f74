import type { TensorInfo } from "../../core/source.ts";
import { dequantize } from "../../quant/index.ts";
import type { Slice } from "../graph-utils/slices.ts";
import { splitRows } from "./planes.ts";
import { type MatrixPlace, PART_ROWS, type WeightPlace } from "./weights.ts";

/** About so many bytes are read at a time. */
const SLICE_BYTES = 8 << 20;

/** What is on its way to the device: a queue holds what it has taken until it is written. */
export class Uploads {
  readonly device: GPUDevice;
  #before: Promise<unknown> = Promise.resolve();

  constructor(device: GPUDevice) {
    this.device = device;
  }

  /** Waits for what was written before the last call, so that no more than two slices are on their way. */
  async next(): Promise<void> {
    const before = this.#before;
    this.#before = this.device.queue.onSubmittedWorkDone();
    await before;
  }
}

/** A tensor's slices, queued for their place: what is submitted afterwards finds them there. */
export function slicesOf(uploads: Uploads, place: WeightPlace, tensor: TensorInfo): Slice[] {
  return place.kind === "matrix" ? matrixSlices(uploads, place) : [wholeSlice(uploads, place, tensor)];
}

function wholeSlice({ device }: Uploads, place: Exclude<WeightPlace, MatrixPlace>, tensor: TensorInfo): Slice {
  const numbers = place.weight.shape.reduce((product, size) => product * size, 1);
  let data = new Uint8Array(0);
  const put = () => {
    const floats = dequantize(place.weight.dtype, data, numbers);
    if (place.kind === "angles") place.values = floats;
    else device.queue.writeBuffer(place.buffer, place.offset * 4, floats);
  };
  const { byteLength: length } = tensor;
  return { offset: 0, length, into: () => (data = new Uint8Array(length)), put };
}

function matrixSlices(uploads: Uploads, place: MatrixPlace): Slice[] {
  const atOnce = Math.max(PART_ROWS, Math.floor(SLICE_BYTES / place.rowBytes / PART_ROWS) * PART_ROWS);
  return place.parts.flatMap(({ firstRow, matrix }) =>
    Array.from({ length: Math.ceil(matrix.rows / atOnce) }, (_, i): Slice => {
      const row = i * atOnce;
      const rows = Math.min(atOnce, matrix.rows - row);
      const length = rows * place.rowBytes;
      let data = new Uint8Array(0);
      return {
        offset: (firstRow + row) * place.rowBytes,
        length,
        into: () => (data = new Uint8Array(length)),
        put() {
          for (const { byteOffset, bytes } of splitRows(matrix, data, row, rows)) {
            uploads.device.queue.writeBuffer(matrix.buffer, byteOffset, bytes);
          }
          return uploads.next();
        },
      };
    }),
  );
}
