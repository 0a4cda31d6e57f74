import { DTYPES } from "../../core/dtype.ts";
import { dequantize } from "../../quant/index.ts";
import type { Slice } from "../graph-utils/slices.ts";
import { type Layout, SLICE_BYTES } from "./layout.ts";
import type { RecordData } from "./records.ts";
import { STRIP, type WeightPlace } from "./weights.ts";

export interface LoadTarget {
  readonly bytes: Uint8Array;
  readonly layout: Layout;
  /** Where the next slice is to wait for `pack`. */
  readonly staging: () => number;
  /** Begins the step of wasm/pack.c when the slice before is through with it. */
  readonly pack: (fields: RecordData["fields"]) => void;
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

function stripSlices({ bytes, layout, staging, pack }: LoadTarget, place: WeightPlace): Slice[] {
  const { weight, rowBytes, rows, count, rowLength, matrixBytes } = place;
  const type = DTYPES[weight.dtype].id;
  const rowsAtOnce = Math.max(STRIP, Math.floor(SLICE_BYTES / rowBytes / STRIP) * STRIP);
  const slices: Slice[] = [];
  for (let matrix = 0; matrix < count; matrix++) {
    for (let row = 0; row < rows; row += rowsAtOnce) {
      const n = Math.min(rowsAtOnce, rows - row);
      const strips = Math.ceil(n / STRIP);
      const length = n * rowBytes;
      let from = 0;
      const to = layout.weightsAt + place.offset + matrix * matrixBytes + row * rowBytes;
      slices.push({
        offset: (matrix * rows + row) * rowBytes,
        length,
        into() {
          from = staging();
          return bytes.subarray(from, from + length);
        },
        put() {
          // Rows that fill up the last strip are zeros.
          bytes.fill(0, from + length, from + strips * STRIP * rowBytes);
          pack({ type, from, to, width: rowLength, strips });
        },
      });
    }
  }
  return slices;
}
