import { blockFormat } from "./format.ts";
import { f16, u32 } from "./scalar.ts";

/**
 * Q5_1: 32 five-bit weights with an offset in 24 bytes.
 *
 *     0  f16  d
 *     2  f16  m
 *     4  u32  bit i is the fifth bit of q[i]
 *     8  16 bytes, byte j holds the low four bits of q[j] (low nibble) and q[j + 16] (high nibble)
 *
 * x[i] = q[i] d + m
 */
export const q5_1 = blockFormat("Q5_1", (src, at, out, to) => {
  const d = f16(src, at);
  const m = f16(src, at + 2);
  const high = u32(src, at + 4);
  for (let j = 0; j < 16; j++) {
    const q = src[at + 8 + j];
    out[to + j] = ((q & 15) + 16 * ((high >>> j) & 1)) * d + m;
    out[to + j + 16] = ((q >> 4) + 16 * ((high >>> (j + 16)) & 1)) * d + m;
  }
});
