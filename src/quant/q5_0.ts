import { blockFormat } from "./format.ts";
import { f16, u32 } from "./scalar.ts";

/**
 * Q5_0: 32 five-bit weights in 22 bytes.
 *
 *     0  f16  d
 *     2  u32  bit i is the fifth bit of q[i]
 *     6  16 bytes, byte j holds the low four bits of q[j] (low nibble) and q[j + 16] (high nibble)
 *
 * x[i] = (q[i] - 16) d
 */
export const q5_0 = blockFormat("Q5_0", (src, at, out, to) => {
  const d = f16(src, at);
  const high = u32(src, at + 2);
  for (let j = 0; j < 16; j++) {
    const q = src[at + 6 + j];
    out[to + j] = ((q & 15) + 16 * ((high >>> j) & 1) - 16) * d;
    out[to + j + 16] = ((q >> 4) + 16 * ((high >>> (j + 16)) & 1) - 16) * d;
  }
});
