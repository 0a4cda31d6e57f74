import { blockFormat } from "./format.ts";
import { f16, i8 } from "./scalar.ts";

/**
 * Q8_0: 32 eight-bit weights in 34 bytes.
 *
 *     0  f16  d
 *     2  32 × i8  q
 *
 * x[i] = q[i] d
 */
export const q8_0 = blockFormat("Q8_0", (src, at, out, to) => {
  const d = f16(src, at);
  for (let i = 0; i < 32; i++) out[to + i] = i8(src, at + 2 + i) * d;
});
