import { lazy } from "./lazy.ts";

/** IQ4_NL and IQ4_XS: the value of each four-bit code. */
export const iq4Values = lazy(() =>
  Int8Array.of(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113),
);

/** MXFP4 and NVFP4: twice the value of each e2m1 code (sign, two exponent bits, one mantissa bit), as integers. */
export const e2m1Doubled = lazy(() => Int8Array.of(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12));

/**
 * IQ2_XXS, IQ2_XS and IQ3_XXS: the signs of eight weights for each seven-bit code. Bit j set means weight j is negative;
 * the eighth sign makes the number of negative ones even.
 */
export const evenSigns = lazy(() =>
  Uint8Array.from({ length: 128 }, (_, code) => {
    let parity = code;
    parity ^= parity >> 4;
    parity ^= parity >> 2;
    parity ^= parity >> 1;
    return code | ((parity & 1) << 7);
  }),
);
