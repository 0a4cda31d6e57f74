import type { QuantFormat } from "./format.ts";
import { f16 as read } from "./scalar.ts";

/** F16: little-endian IEEE binary16. */
export const f16: QuantFormat = {
  dtype: "F16",
  decode(blocks, byteOffset, out, outOffset, blockCount) {
    for (let i = 0; i < blockCount; i++) out[outOffset + i] = read(blocks, byteOffset + i * 2);
  },
};
