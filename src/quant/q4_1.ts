import { blockFormat } from "./format.ts";
import { f16 } from "./scalar.ts";

/**
 * Q4_1: 32 four-bit weights with an offset in 20 bytes.
 *
 *     0  f16  d
 *     2  f16  m
 *     4  16 bytes, byte j holds q[j] (low nibble) and q[j + 16] (high nibble)
 *
 * x[i] = q[i] d + m
 */
export const q4_1 = blockFormat("Q4_1", (src, at, out, to) => {
  const d = f16(src, at);
  const m = f16(src, at + 2);
  for (let j = 0; j < 16; j++) {
    const q = src[at + 4 + j];
    out[to + j] = (q & 15) * d + m;
    out[to + j + 16] = (q >> 4) * d + m;
  }
});
