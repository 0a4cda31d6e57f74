import { byteLength, DTYPES } from "../../core/dtype.ts";
import { throwIfAborted, WebggufError } from "../../core/errors.ts";
import type { TensorInfo } from "../../core/source.ts";
import { dequantize } from "../../quant/index.ts";
import { type Layout, STAGING_BYTES } from "./layout.ts";
import type { WasmExports } from "./module.ts";
import { STRIP, type WeightPlace } from "./weights.ts";

export interface LoadTarget {
  readonly bytes: Uint8Array;
  readonly exports: WasmExports;
  readonly layout: Layout;
}

interface Slice {
  readonly offset: number;
  readonly length: number;
  put(data: Uint8Array<ArrayBuffer>): void;
}

/**
 * Reads one tensor in slices of some megabytes, the next on its way while one is put in place, so that no more than two
 * are ever held.
 */
export async function loadTensor(
  target: LoadTarget,
  place: WeightPlace,
  tensor: TensorInfo,
  { onBytes, signal }: { onBytes?: (bytes: number) => void; signal?: AbortSignal },
): Promise<void> {
  checkTensor(place, tensor);
  const slices = slicesOf(target, place, tensor);
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
    onBytes?.(data.length);
  }
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

function slicesOf({ bytes, exports, layout }: LoadTarget, place: WeightPlace, tensor: TensorInfo): Slice[] {
  const { kind, rowBytes, rows, count, rowLength, matrixBytes, weight } = place;
  const at = layout.weightsAt + place.offset;
  if (kind === "floats") {
    const put = (data: Uint8Array<ArrayBuffer>) => {
      const floats = dequantize(weight.dtype, data, rowLength * rows * count);
      bytes.set(new Uint8Array(floats.buffer), at);
    };
    return [{ offset: 0, length: tensor.byteLength, put }];
  }
  const rowsAtOnce = Math.max(STRIP, Math.floor(STAGING_BYTES / rowBytes / STRIP) * STRIP);
  const slices: Slice[] = [];
  for (let matrix = 0; matrix < count; matrix++) {
    for (let row = 0; row < rows; row += rowsAtOnce) {
      const n = Math.min(rowsAtOnce, rows - row);
      const to = at + matrix * matrixBytes + row * rowBytes;
      slices.push({
        offset: (matrix * rows + row) * rowBytes,
        length: n * rowBytes,
        put(data) {
          bytes.set(data, kind === "file" ? to : layout.stagingAt);
          if (kind === "strips") exports.pack(DTYPES[weight.dtype].id, layout.stagingAt, to, rowLength, n);
        },
      });
    }
  }
  return slices;
}
