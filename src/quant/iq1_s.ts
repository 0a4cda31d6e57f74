import { iq1SGrid } from "./codebooks/iq1.ts";
import { blockFormat } from "./format.ts";
import { f16, i8, u16 } from "./scalar.ts";

/**
 * IQ1_S: 256 weights in 50 bytes, 8 groups of 32, each four vectors of eight from a grid of 2048.
 *
 *      0  f16  d
 *      2  32 bytes, the low eight bits of the grid index of each vector
 *     34  8 × u16, one group each: the high three bits of its four grid indices from the lowest bits up, a three-bit
 *         scale s, and in the highest bit the sign of the shift (set: -1/8, else 1/8)
 *
 * x = d (2 s + 1) (grid component + shift)
 */
export const iq1_s = blockFormat("IQ1_S", (src, at, out, to) => {
  const grid = iq1SGrid();
  const d = f16(src, at);
  for (let group = 0; group < 8; group++) {
    const bits = u16(src, at + 34 + 2 * group);
    const scale = d * (2 * ((bits >> 12) & 7) + 1);
    const shift = bits & 0x8000 ? -0.125 : 0.125;
    for (let l = 0; l < 4; l++) {
      const index = src[at + 2 + 4 * group + l] | (((bits >> (3 * l)) & 7) << 8);
      for (let j = 0; j < 8; j++) out[to + 32 * group + 8 * l + j] = scale * (i8(grid, 8 * index + j) + shift);
    }
  }
});
