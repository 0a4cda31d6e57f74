import { e2m1Doubled } from "./codebooks/values.ts";
import { blockFormat } from "./format.ts";
import { ue4m3HalfToF32 } from "./scalar.ts";

/**
 * NVFP4: 64 four-bit floats in 36 bytes, 4 groups of 16, each with an unsigned E4M3 scale. (The scale of the whole
 * tensor is a tensor of its own.)
 *
 *     0  4 × UE4M3  scale
 *     4  32 bytes: in each group byte j (of 8) holds q[j] (low nibble) and q[j + 8] (high nibble)
 *
 * x[i] = scale[i / 16] e2m1(q[i])
 */
export const nvfp4 = blockFormat("NVFP4", (src, at, out, to) => {
  const values = e2m1Doubled();
  for (let group = 0; group < 4; group++) {
    const scale = ue4m3HalfToF32(src[at + group]);
    for (let j = 0; j < 8; j++) {
      const q = src[at + 4 + 8 * group + j];
      out[to + 16 * group + j] = values[q & 15] * scale;
      out[to + 16 * group + j + 8] = values[q >> 4] * scale;
    }
  }
});
