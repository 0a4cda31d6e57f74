import { iq2SGrid } from "./codebooks/iq2.ts";
import { blockFormat } from "./format.ts";
import { signedGrid } from "./grid.ts";
import { f16 } from "./scalar.ts";

/**
 * IQ2_S: 256 weights in 82 bytes, 32 vectors of eight from a grid of 1024, a four-bit scale for every two vectors.
 *
 *      0  f16  d
 *      2  32 bytes, the low eight bits of the grid index of each vector
 *     34  32 bytes, the signs of each vector, bit j set: component j is negative
 *     66  8 bytes, bits 2 (v % 4) and up of byte v / 4: the high two bits of the grid index of vector v
 *     74  8 bytes, byte v / 4: the scale s of vectors v and v + 1 (low nibble), v + 2 and v + 3 (high nibble)
 *
 * x = ± d (s + 1/2) / 4 · grid component
 */
export const iq2_s = blockFormat("IQ2_S", (src, at, out, to) => {
  const grid = iq2SGrid();
  const d = f16(src, at);
  for (let vector = 0; vector < 32; vector++) {
    const high = (src[at + 66 + (vector >> 2)] >> (2 * (vector & 3))) & 3;
    const index = src[at + 2 + vector] | (high << 8);
    const s = (src[at + 74 + (vector >> 2)] >> (2 * (vector & 2))) & 15;
    const scale = d * (0.5 + s) * 0.25;
    signedGrid(grid, 8 * index, 8, scale, src[at + 34 + vector], out, to + 8 * vector);
  }
});
