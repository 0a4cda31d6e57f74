import { blockFormat } from "./format.ts";
import { f16 } from "./scalar.ts";

/**
 * Q3_K: 256 three-bit weights in 110 bytes, 16 groups of 16, each with a six-bit scale.
 *
 *       0  32 bytes, bit i / 32 of byte i % 32 is the third bit of q[i]
 *      32  64 bytes, the low two bits of q: in each half of 128 weights byte j (of 32) holds q[j], q[j + 32], q[j + 64],
 *          q[j + 96] from its lowest bits up
 *      96  8 bytes, byte g: the low four bits of s[g] (low nibble) and s[g + 8] (high nibble)
 *     104  4 bytes, bits 2 (g / 4) and up of byte g % 4: the high two bits of s[g]
 *     108  f16  d
 *
 * x[i] = d (s[i / 16] - 32) (q[i] - 4)
 */
export const q3_k = blockFormat("Q3_K", (src, at, out, to) => {
  const d = f16(src, at + 108);
  for (let group = 0; group < 16; group++) {
    const low = (src[at + 96 + (group & 7)] >> (4 * (group >> 3))) & 15;
    const high = (src[at + 104 + (group & 3)] >> (2 * (group >> 2))) & 3;
    const scale = d * ((low | (high << 4)) - 32);
    const half = 16 * (group & 1);
    const qs = at + 32 + 32 * (group >> 3) + half;
    const shift = group & 6;
    for (let j = 0; j < 16; j++) {
      const third = (src[at + half + j] >> (group >> 1)) & 1;
      out[to + 16 * group + j] = scale * (((src[qs + j] >> shift) & 3) + 4 * third - 4);
    }
  }
});
