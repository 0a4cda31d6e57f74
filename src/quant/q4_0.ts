import { blockFormat } from "./format.ts";
import { f16 } from "./scalar.ts";

/**
 * Q4_0: 32 four-bit weights in 18 bytes.
 *
 *     0  f16  d
 *     2  16 bytes, byte j holds q[j] (low nibble) and q[j + 16] (high nibble)
 *
 * x[i] = (q[i] - 8) d
 */
export const q4_0 = blockFormat("Q4_0", (src, at, out, to) => {
  const d = f16(src, at);
  for (let j = 0; j < 16; j++) {
    const q = src[at + 2 + j];
    out[to + j] = ((q & 15) - 8) * d;
    out[to + j + 16] = ((q >> 4) - 8) * d;
  }
});
