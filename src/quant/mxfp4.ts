import { e2m1Doubled } from "./codebooks/values.ts";
import { blockFormat } from "./format.ts";
import { e8m0HalfToF32 } from "./scalar.ts";

/**
 * MXFP4 (OCP microscaling): 32 four-bit floats in 17 bytes.
 *
 *     0  E8M0  scale
 *     1  16 bytes, byte j holds q[j] (low nibble) and q[j + 16] (high nibble)
 *
 * x[i] = scale e2m1(q[i])
 */
export const mxfp4 = blockFormat("MXFP4", (src, at, out, to) => {
  const values = e2m1Doubled();
  const scale = e8m0HalfToF32(src[at]);
  for (let j = 0; j < 16; j++) {
    const q = src[at + 1 + j];
    out[to + j] = values[q & 15] * scale;
    out[to + j + 16] = values[q >> 4] * scale;
  }
});
