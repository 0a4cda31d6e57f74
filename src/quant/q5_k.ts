import { blockFormat } from "./format.ts";
import { kMin, kScale } from "./k-scales.ts";
import { f16 } from "./scalar.ts";

/**
 * Q5_K: 256 five-bit weights in 176 bytes, 8 groups of 32, each with a six-bit scale and a six-bit minimum.
 *
 *      0  f16  d
 *      2  f16  dmin
 *      4  12 bytes, s[8] and m[8] (see k-scales.ts)
 *     16  32 bytes, bit i / 32 of byte i % 32 is the fifth bit of q[i]
 *     48  128 bytes, the low four bits of q: in each quarter of 64 weights byte j (of 32) holds q[j] (low nibble) and
 *         q[j + 32] (high nibble)
 *
 * x[i] = d s[i / 32] q[i] - dmin m[i / 32]
 */
export const q5_k = blockFormat("Q5_K", (src, at, out, to) => {
  const d = f16(src, at);
  const dmin = f16(src, at + 2);
  for (let group = 0; group < 8; group++) {
    const scale = d * kScale(src, at + 4, group);
    const min = dmin * kMin(src, at + 4, group);
    const qs = at + 48 + 32 * (group >> 1);
    const shift = 4 * (group & 1);
    for (let j = 0; j < 32; j++) {
      const fifth = (src[at + 16 + j] >> group) & 1;
      out[to + 32 * group + j] = scale * (((src[qs + j] >> shift) & 15) + 16 * fifth) - min;
    }
  }
});
