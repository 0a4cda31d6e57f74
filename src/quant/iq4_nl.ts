import { iq4Values } from "./codebooks/values.ts";
import { blockFormat } from "./format.ts";
import { f16 } from "./scalar.ts";

/**
 * IQ4_NL: 32 weights, each one of 16 unevenly spaced values v, in 18 bytes.
 *
 *     0  f16  d
 *     2  16 bytes, byte j holds q[j] (low nibble) and q[j + 16] (high nibble)
 *
 * x[i] = d v[q[i]]
 */
export const iq4_nl = blockFormat("IQ4_NL", (src, at, out, to) => {
  const values = iq4Values();
  const d = f16(src, at);
  for (let j = 0; j < 16; j++) {
    const q = src[at + 2 + j];
    out[to + j] = d * values[q & 15];
    out[to + j + 16] = d * values[q >> 4];
  }
});
