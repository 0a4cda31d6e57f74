import { iq4Values } from "./codebooks/values.ts";
import { blockFormat } from "./format.ts";
import { f16, u16 } from "./scalar.ts";

/**
 * IQ4_XS: 256 weights, each one of 16 unevenly spaced values v, in 136 bytes; 8 groups of 32, each with a six-bit scale.
 *
 *     0  f16  d
 *     2  u16  bits 2 g and up: the high two bits of s[g]
 *     4  4 bytes, byte g / 2: the low four bits of s[g] (low nibble for even g)
 *     8  128 bytes: in each group byte j (of 16) holds q[j] (low nibble) and q[j + 16] (high nibble)
 *
 * x[i] = d (s[i / 32] - 32) v[q[i]]
 */
export const iq4_xs = blockFormat("IQ4_XS", (src, at, out, to) => {
  const values = iq4Values();
  const d = f16(src, at);
  const scalesHigh = u16(src, at + 2);
  for (let group = 0; group < 8; group++) {
    const low = (src[at + 4 + (group >> 1)] >> (4 * (group & 1))) & 15;
    const scale = d * ((low | (((scalesHigh >> (2 * group)) & 3) << 4)) - 32);
    for (let j = 0; j < 16; j++) {
      const q = src[at + 8 + 16 * group + j];
      out[to + 32 * group + j] = scale * values[q & 15];
      out[to + 32 * group + j + 16] = scale * values[q >> 4];
    }
  }
});
