import { DTYPES } from "../../core/dtype.ts";
import { dequantize } from "../../quant/index.ts";
import type { Slice } from "../graph-utils/slices.ts";
import { type Layout, STAGING_BYTES } from "./layout.ts";
import type { RecordData } from "./records.ts";
import { STRIP, type WeightPlace } from "./weights.ts";

export interface LoadTarget {
  readonly bytes: Uint8Array;
  readonly layout: Layout;
  /** Carries out the step `pack` of wasm/pack.c. */
  readonly pack: (fields: RecordData["fields"]) => Promise<void>;
}

/** A tensor's slices: strips by way of the staging area, other matrices straight to their place. */
export function slicesOf(target: LoadTarget, place: WeightPlace, byteLength: number): Slice[] {
  const { bytes, layout } = target;
  const at = layout.weightsAt + place.offset;
  if (place.kind === "strips") return stripSlices(target, place);
  const whole = { offset: 0, length: byteLength };
  if (place.kind === "file") return [{ ...whole, into: () => bytes.subarray(at, at + byteLength), put() {} }];
  const { weight, rowLength, rows, count } = place;
  let data = new Uint8Array(0);
  const put = () => {
    const floats = dequantize(weight.dtype, data, rowLength * rows * count);
    bytes.set(new Uint8Array(floats.buffer), at);
  };
  return [{ ...whole, into: () => (data = new Uint8Array(byteLength)), put }];
}

function stripSlices({ bytes, layout, pack }: LoadTarget, place: WeightPlace): Slice[] {
  const { weight, rowBytes, rows, count, rowLength, matrixBytes } = place;
  const { stagingAt, weightsAt } = layout;
  const type = DTYPES[weight.dtype].id;
  const rowsAtOnce = Math.max(STRIP, Math.floor(STAGING_BYTES / rowBytes / STRIP) * STRIP);
  const slices: Slice[] = [];
  for (let matrix = 0; matrix < count; matrix++) {
    for (let row = 0; row < rows; row += rowsAtOnce) {
      const n = Math.min(rowsAtOnce, rows - row);
      const strips = Math.ceil(n / STRIP);
      const end = stagingAt + n * rowBytes;
      const to = weightsAt + place.offset + matrix * matrixBytes + row * rowBytes;
      slices.push({
        offset: (matrix * rows + row) * rowBytes,
        length: n * rowBytes,
        into: () => bytes.subarray(stagingAt, end),
        put() {
          // Rows that fill up the last strip are zeros.
          bytes.fill(0, end, stagingAt + strips * STRIP * rowBytes);
          return pack({ type, from: stagingAt, to, width: rowLength, strips });
        },
      });
    }
  }
  return slices;
}
