import { blockFormat } from "./format.ts";
import { f16, i8 } from "./scalar.ts";

/**
 * Q6_K: 256 six-bit weights in 210 bytes, 16 groups of 16, each with an eight-bit scale.
 *
 *       0  128 bytes, the low four bits of q: in each half of 128 weights byte j (of 64) holds q[j] (low nibble) and
 *          q[j + 64] (high nibble)
 *     128  64 bytes, the high two bits of q: in each half of 128 weights byte j (of 32) holds q[j], q[j + 32], q[j + 64],
 *          q[j + 96] from its lowest bits up
 *     192  16 × i8  s
 *     208  f16  d
 *
 * x[i] = d s[i / 16] (q[i] - 32)
 */
export const q6_k = blockFormat("Q6_K", (src, at, out, to) => {
  const d = f16(src, at + 208);
  for (let group = 0; group < 16; group++) {
    const scale = d * i8(src, at + 192 + group);
    const half = group >> 3;
    const low = at + 64 * half + 16 * (group & 3);
    const lowShift = group & 4;
    const high = at + 128 + 32 * half + 16 * (group & 1);
    const highShift = group & 6;
    for (let j = 0; j < 16; j++) {
      const q = ((src[low + j] >> lowShift) & 15) | (((src[high + j] >> highShift) & 3) << 4);
      out[to + 16 * group + j] = scale * (q - 32);
    }
  }
});
