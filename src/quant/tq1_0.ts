import { blockFormat } from "./format.ts";
import { f16 } from "./scalar.ts";

const POWERS_OF_3 = [1, 3, 9, 27, 81];

/**
 * TQ1_0: 256 ternary weights in 54 bytes, five (in the last four bytes: four) base-3 digits to a byte.
 *
 *      0  32 bytes, byte j holds t[j + 32 n], n = 0…4
 *     32  16 bytes, byte j holds t[160 + j + 16 n], n = 0…4
 *     48  4 bytes, byte j holds t[240 + j + 4 n], n = 0…3
 *     52  f16  d
 *
 * A byte is a fraction of 256 whose first base-3 digit after the point is n = 0, rounded up:
 * t = floor(3 ((byte 3^n) mod 256) / 256), and x = (t - 1) d.
 */
export const tq1_0 = blockFormat("TQ1_0", (src, at, out, to) => {
  const d = f16(src, at + 52);
  const digits = (from: number, first: number, bytes: number, perByte: number) => {
    for (let n = 0; n < perByte; n++) {
      for (let j = 0; j < bytes; j++) {
        const rest = (src[from + j] * POWERS_OF_3[n]) & 255;
        out[first + n * bytes + j] = (((rest * 3) >> 8) - 1) * d;
      }
    }
  };
  digits(at, to, 32, 5);
  digits(at + 32, to + 160, 16, 5);
  digits(at + 48, to + 240, 4, 4);
});
