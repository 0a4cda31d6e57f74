import { iq1SGrid } from "./codebooks/iq1.ts";
import { blockFormat } from "./format.ts";
import { f16ToF32, i8, u16 } from "./scalar.ts";

/**
 * IQ1_M: 256 weights in 56 bytes, 32 vectors of eight from a grid of 2048, a three-bit scale for every two vectors.
 *
 *      0  32 bytes, the low eight bits of the grid index of each vector
 *     32  16 bytes, a nibble per vector (low nibble for even v): the high three bits of the grid index, and in the top
 *         bit the sign of the shift (set: -1/8, else 1/8)
 *     48  4 × u16, each: four scales s of three bits from the lowest bits up, and in the top nibble a quarter of the
 *         f16 d, lowest quarter first
 *
 * x = d (2 s + 1) (grid component + shift)
 */
export const iq1_m = blockFormat("IQ1_M", (src, at, out, to) => {
  const grid = iq1SGrid();
  let half = 0;
  for (let k = 0; k < 4; k++) half |= (u16(src, at + 48 + 2 * k) >> 12) << (4 * k);
  const d = f16ToF32(half);
  for (let vector = 0; vector < 32; vector++) {
    const s = (u16(src, at + 48 + 2 * (vector >> 3)) >> (3 * ((vector >> 1) & 3))) & 7;
    const scale = d * (2 * s + 1);
    const nibble = src[at + 32 + (vector >> 1)] >> (4 * (vector & 1));
    const index = src[at + vector] | ((nibble & 7) << 8);
    const shift = nibble & 8 ? -0.125 : 0.125;
    for (let j = 0; j < 8; j++) out[to + 8 * vector + j] = scale * (i8(grid, 8 * index + j) + shift);
  }
});
