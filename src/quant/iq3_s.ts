import { iq3SGrid } from "./codebooks/iq3.ts";
import { blockFormat } from "./format.ts";
import { signedGrid } from "./grid.ts";
import { f16 } from "./scalar.ts";

/**
 * IQ3_S: 256 weights in 110 bytes, 64 vectors of four from a grid of 512, a four-bit scale for every 32 weights.
 *
 *       0  f16  d
 *       2  64 bytes, the low eight bits of the grid index of each vector
 *      66  8 bytes, bit v % 8 of byte v / 8: the ninth bit of the grid index of vector v
 *      74  32 bytes, bit i % 8 of byte i / 8 set: weight i is negative
 *     106  4 bytes, byte g / 2: the scale s of the 32 weights of group g (low nibble for even g)
 *
 * x = ± d (2 s + 1) · grid component
 */
export const iq3_s = blockFormat("IQ3_S", (src, at, out, to) => {
  const grid = iq3SGrid();
  const d = f16(src, at);
  for (let vector = 0; vector < 64; vector++) {
    const ninth = (src[at + 66 + (vector >> 3)] >> (vector & 7)) & 1;
    const index = src[at + 2 + vector] | (ninth << 8);
    const group = vector >> 3;
    const scale = d * (1 + 2 * ((src[at + 106 + (group >> 1)] >> (4 * (group & 1))) & 15));
    const signs = src[at + 74 + (vector >> 1)] >> (4 * (vector & 1));
    signedGrid(grid, 4 * index, 4, scale, signs, out, to + 4 * vector);
  }
});
