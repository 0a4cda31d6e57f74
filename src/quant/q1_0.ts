import { blockFormat } from "./format.ts";
import { f16 } from "./scalar.ts";

/**
 * Q1_0: 128 one-bit weights in 18 bytes.
 *
 *     0  f16  d
 *     2  16 bytes, bit i % 8 of byte i / 8 is b[i]
 *
 * x[i] = b[i] ? d : -d
 */
export const q1_0 = blockFormat("Q1_0", (src, at, out, to) => {
  const d = f16(src, at);
  for (let i = 0; i < 128; i++) out[to + i] = (src[at + 2 + (i >> 3)] >> (i & 7)) & 1 ? d : -d;
});
