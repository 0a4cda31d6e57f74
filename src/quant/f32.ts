import type { QuantFormat } from "./format.ts";

/** F32: little-endian float32, copied bit by bit. */
export const f32: QuantFormat = {
  dtype: "F32",
  decode(blocks, byteOffset, out, outOffset, blockCount) {
    const to = new Uint8Array(out.buffer, out.byteOffset + outOffset * 4, blockCount * 4);
    to.set(blocks.subarray(byteOffset, byteOffset + blockCount * 4));
  },
};
