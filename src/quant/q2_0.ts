import { blockFormat } from "./format.ts";
import { f16 } from "./scalar.ts";

/**
 * Q2_0: 64 two-bit weights in 18 bytes.
 *
 *     0  f16  d
 *     2  16 bytes, bits 2 (i % 4) and up of byte i / 4 are q[i]
 *
 * x[i] = (q[i] - 1) d
 */
export const q2_0 = blockFormat("Q2_0", (src, at, out, to) => {
  const d = f16(src, at);
  for (let i = 0; i < 64; i++) out[to + i] = (((src[at + 2 + (i >> 2)] >> (2 * (i & 3))) & 3) - 1) * d;
});
