import { iq2XsGrid } from "./codebooks/iq2.ts";
import { evenSigns } from "./codebooks/values.ts";
import { blockFormat } from "./format.ts";
import { signedGrid } from "./grid.ts";
import { f16, u16 } from "./scalar.ts";

/**
 * IQ2_XS: 256 weights in 74 bytes, 32 vectors of eight from a grid of 512, a four-bit scale for every two vectors.
 *
 *      0  f16  d
 *      2  32 × u16, one vector each: a nine-bit grid index (low bits) and a seven-bit sign code
 *     66  8 bytes, byte v / 4: the scale s of vectors v and v + 1 (low nibble), v + 2 and v + 3 (high nibble)
 *
 * x = ± d (s + 1/2) / 4 · grid component; sign codes: see evenSigns
 */
export const iq2_xs = blockFormat("IQ2_XS", (src, at, out, to) => {
  const grid = iq2XsGrid();
  const signTable = evenSigns();
  const d = f16(src, at);
  for (let vector = 0; vector < 32; vector++) {
    const code = u16(src, at + 2 + 2 * vector);
    const s = (src[at + 66 + (vector >> 2)] >> (2 * (vector & 2))) & 15;
    const scale = d * (0.5 + s) * 0.25;
    signedGrid(grid, 8 * (code & 511), 8, scale, signTable[code >> 9], out, to + 8 * vector);
  }
});
