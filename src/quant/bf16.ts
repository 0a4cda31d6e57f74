import type { QuantFormat } from "./format.ts";
import { bf16ToF32, u16 } from "./scalar.ts";

/** BF16: little-endian bfloat16, the upper 16 bits of a float32. */
export const bf16: QuantFormat = {
  dtype: "BF16",
  decode(blocks, byteOffset, out, outOffset, blockCount) {
    for (let i = 0; i < blockCount; i++) out[outOffset + i] = bf16ToF32(u16(blocks, byteOffset + i * 2));
  },
};
