import { blockFormat } from "./format.ts";
import { f16 } from "./scalar.ts";

/**
 * TQ2_0: 256 ternary weights, two bits each, in 66 bytes.
 *
 *      0  64 bytes: in each half of 128 weights byte j (of 32) holds t[j], t[j + 32], t[j + 64], t[j + 96] from its
 *         lowest bits up
 *     64  f16  d
 *
 * x[i] = (t[i] - 1) d
 */
export const tq2_0 = blockFormat("TQ2_0", (src, at, out, to) => {
  const d = f16(src, at + 64);
  for (let group = 0; group < 8; group++) {
    const qs = at + 32 * (group >> 2);
    const shift = 2 * (group & 3);
    for (let j = 0; j < 32; j++) out[to + 32 * group + j] = (((src[qs + j] >> shift) & 3) - 1) * d;
  }
});
