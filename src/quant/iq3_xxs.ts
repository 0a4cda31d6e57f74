import { iq3XxsGrid } from "./codebooks/iq3.ts";
import { evenSigns } from "./codebooks/values.ts";
import { blockFormat } from "./format.ts";
import { signedGrid } from "./grid.ts";
import { f16, u32 } from "./scalar.ts";

/**
 * IQ3_XXS: 256 weights in 98 bytes, 8 groups of 32, each eight vectors of four from a grid of 256.
 *
 *      0  f16  d
 *      2  64 grid indices
 *     66  8 × u32, one group each: four seven-bit sign codes, for two vectors each, from the lowest bits up, and a
 *         four-bit scale s in the highest bits
 *
 * x = ± d (s + 1/2) / 2 · grid component; sign codes: see evenSigns
 */
export const iq3_xxs = blockFormat("IQ3_XXS", (src, at, out, to) => {
  const grid = iq3XxsGrid();
  const signTable = evenSigns();
  const d = f16(src, at);
  for (let group = 0; group < 8; group++) {
    const codes = u32(src, at + 66 + 4 * group);
    const scale = d * (0.5 + (codes >>> 28)) * 0.5;
    for (let v = 0; v < 8; v++) {
      const signs = signTable[(codes >>> (7 * (v >> 1))) & 127] >> (4 * (v & 1));
      signedGrid(grid, 4 * src[at + 2 + 8 * group + v], 4, scale, signs, out, to + 32 * group + 4 * v);
    }
  }
});
