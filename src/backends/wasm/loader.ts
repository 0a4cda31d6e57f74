import { DTYPES } from "../../core/dtype.ts";
import type { TensorInfo } from "../../core/source.ts";
import { dequantize } from "../../quant/index.ts";
import { checkTensor, type LoadOptions, loadSlices, type Slice } from "../graph-utils/slices.ts";
import { type Layout, STAGING_BYTES } from "./layout.ts";
import type { WasmExports } from "./module.ts";
import { STRIP, type WeightPlace } from "./weights.ts";

export interface LoadTarget {
  readonly bytes: Uint8Array;
  readonly exports: WasmExports;
  readonly layout: Layout;
}

/** Reads one tensor in slices of some megabytes and puts them in place. */
export async function loadTensor(
  target: LoadTarget,
  place: WeightPlace,
  tensor: TensorInfo,
  options: LoadOptions,
): Promise<void> {
  checkTensor(place.weight, tensor);
  await loadSlices(tensor, slicesOf(target, place, tensor), options);
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
