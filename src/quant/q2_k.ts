import { blockFormat } from "./format.ts";
import { f16 } from "./scalar.ts";

/**
 * Q2_K: 256 two-bit weights in 84 bytes, 16 groups of 16, each with a four-bit scale and a four-bit minimum.
 *
 *      0  16 bytes, byte g: scale s[g] (low nibble) and minimum m[g] (high nibble) of group g
 *     16  64 bytes: in each half of 128 weights byte j (of 32) holds q[j], q[j + 32], q[j + 64], q[j + 96] from its
 *         lowest bits up
 *     80  f16  d
 *     82  f16  dmin
 *
 * x[i] = d s[i / 16] q[i] - dmin m[i / 16]
 */
export const q2_k = blockFormat("Q2_K", (src, at, out, to) => {
  const d = f16(src, at + 80);
  const dmin = f16(src, at + 82);
  for (let group = 0; group < 16; group++) {
    const scale = d * (src[at + group] & 15);
    const min = dmin * (src[at + group] >> 4);
    const qs = at + 16 + 32 * (group >> 3) + 16 * (group & 1);
    const shift = group & 6;
    for (let j = 0; j < 16; j++) out[to + 16 * group + j] = scale * ((src[qs + j] >> shift) & 3) - min;
  }
});
