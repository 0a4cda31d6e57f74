import { iq2XxsGrid } from "./codebooks/iq2.ts";
import { evenSigns } from "./codebooks/values.ts";
import { blockFormat } from "./format.ts";
import { signedGrid } from "./grid.ts";
import { f16, u32 } from "./scalar.ts";

/**
 * IQ2_XXS: 256 weights in 66 bytes, 8 groups of 32, each four vectors of eight from a grid of 256.
 *
 *     0  f16  d
 *     2  8 × 8 bytes, one group each: 4 grid indices; u32: four seven-bit sign codes from the lowest bits up, and a
 *        four-bit scale s in the highest bits
 *
 * x = ± d (s + 1/2) / 4 · grid component; sign codes: see evenSigns
 */
export const iq2_xxs = blockFormat("IQ2_XXS", (src, at, out, to) => {
  const grid = iq2XxsGrid();
  const signTable = evenSigns();
  const d = f16(src, at);
  for (let group = 0; group < 8; group++) {
    const from = at + 2 + 8 * group;
    const codes = u32(src, from + 4);
    const scale = d * (0.5 + (codes >>> 28)) * 0.25;
    for (let l = 0; l < 4; l++) {
      const signs = signTable[(codes >>> (7 * l)) & 127];
      signedGrid(grid, 8 * src[from + l], 8, scale, signs, out, to + 32 * group + 8 * l);
    }
  }
});
