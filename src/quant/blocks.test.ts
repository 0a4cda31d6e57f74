import { describe, expect, it } from "vitest";
import { DTYPES, type DType } from "../core/dtype.ts";
import { dequantize } from "./index.ts";

const ONE = [0x00, 0x3c];
const HALF = [0x00, 0x38];
const TWO = [0x00, 0x40];

/** One block, all zero bytes but for those given by offset, decoded. */
function decoded(dtype: DType, fields: Record<number, number[]>): number[] {
  const { blockBytes, blockElements } = DTYPES[dtype];
  const bytes = new Uint8Array(blockBytes);
  for (const [offset, field] of Object.entries(fields)) bytes.set(field, Number(offset));
  return [...dequantize(dtype, bytes, blockElements)];
}

/** The values of `list` that are not `usual`, by index. */
function exceptions(list: number[], usual: number): Record<number, number> {
  return Object.fromEntries([...list.entries()].filter(([, value]) => value !== usual));
}

const repeat = (value: number, count: number): number[] => new Array(count).fill(value);

describe("blocks worked out by hand", () => {
  it("F32, F16 and BF16 read little-endian floats", () => {
    expect(decoded("F32", { 0: [0x00, 0x00, 0x20, 0xc1] })).toEqual([-10]);
    expect(decoded("F16", { 0: [0x01, 0x00] })).toEqual([2 ** -24]);
    expect(decoded("F16", { 0: [0xff, 0xfb] })).toEqual([-65504]);
    expect(decoded("F16", { 0: [0x00, 0xfc] })).toEqual([-Infinity]);
    expect(decoded("F16", { 0: [0x01, 0x7c] })).toEqual([NaN]);
    expect(decoded("F16", { 0: [0x00, 0x80] })).toEqual([-0]);
    expect(decoded("BF16", { 0: [0x20, 0xc1] })).toEqual([-10]);
  });

  it("Q1_0: bit clear is -d, lowest bit first", () => {
    expect(exceptions(decoded("Q1_0", { 0: TWO, 2: [0b10000001], 17: [0b10000000] }), -2)).toEqual({
      0: 2,
      7: 2,
      127: 2,
    });
  });

  it("Q2_0: four codes to a byte, 1 is zero", () => {
    expect(exceptions(decoded("Q2_0", { 0: TWO, 2: [0b11100100], 17: [0b11000000] }), -2)).toEqual({
      1: 0,
      2: 2,
      3: 4,
      63: 4,
    });
  });

  it("Q4_0: low nibbles are the first half, 8 is zero", () => {
    expect(exceptions(decoded("Q4_0", { 0: HALF, 2: [0xf9], 17: [0x80] }), -4)).toEqual({ 0: 0.5, 16: 3.5, 31: 0 });
  });

  it("Q4_1: code times d plus m", () => {
    expect(exceptions(decoded("Q4_1", { 0: HALF, 2: ONE, 4: [0xf3] }), 1)).toEqual({ 0: 2.5, 16: 8.5 });
  });

  it("Q5_0: fifth bits come from one word, 16 is zero", () => {
    const list = decoded("Q5_0", { 0: ONE, 2: [0x01, 0x00, 0x01, 0x80], 6: [0xf2] });
    expect(exceptions(list, -16)).toEqual({ 0: 2, 16: 15, 31: 0 });
  });

  it("Q5_1: five-bit code times d plus m", () => {
    const list = decoded("Q5_1", { 0: ONE, 2: HALF, 4: [0x01, 0x00, 0x01, 0x80], 8: [0xf2] });
    expect(exceptions(list, 0.5)).toEqual({ 0: 18.5, 16: 31.5, 31: 16.5 });
  });

  it("Q8_0: signed bytes", () => {
    expect(exceptions(decoded("Q8_0", { 0: HALF, 2: [0x80, 0x7f] }), 0)).toEqual({ 0: -64, 1: 63.5 });
  });

  it("Q2_K: scale and minimum of each 16", () => {
    // Group 1 has scale 2 and minimum 3, group 8 scale 1; d = 1, dmin = 1/2.
    const list = decoded("Q2_K", { 1: [0x32], 8: [0x01], 32: [0b11], 48: [0b01], 80: [...ONE, ...HALF] });
    expect(exceptions(list.slice(16, 32), -1.5)).toEqual({ 0: 4.5 });
    expect(exceptions(list.toSpliced(16, 16, ...repeat(0, 16)), 0)).toEqual({ 128: 1 });
  });

  it("Q3_K: third bits apart, six-bit scales in two places", () => {
    // s[5] = 1 + 2·16 = 33 and s[10] = 2 + 3·16 = 50; every other scale is 0, which means -32.
    const list = decoded("Q3_K", {
      0: [0b00000100],
      52: [0b11],
      48: [0b110000],
      64: [0b1100],
      98: [0x20],
      101: [0x01],
      105: [0b1000],
      106: [0b110000],
      108: ONE,
    });
    // Group 5 is weights 80…95: byte 16…31 of the first half, bits 4 and 5.
    expect(list.slice(80, 84)).toEqual([-1, -4, -4, -4]);
    // Group 10 is weights 160…175: byte 0…15 of the second half, bits 2 and 3.
    expect(list.slice(160, 164)).toEqual([-18, -72, -72, -72]);
    // Weight 64 has only its third bit; weight 20, in group 1, only its low two.
    expect(list[64]).toBe(-0);
    expect(list[20]).toBe(32);
    expect(list[0]).toBe(128);
  });

  it("Q4_K: six-bit scales and minima of each 32", () => {
    // s[0] = 3, m[0] = 5; s[5] = 2 + 1·16 = 18, m[5] = 4 + 3·16 = 52; byte 1 also gives s[1] = 0, byte 5 m[1] = 0.
    const list = decoded("Q4_K", {
      0: [...ONE, ...HALF],
      4: [3, 0x40],
      8: [5, 0xc0],
      13: [0x42],
      16: [0x07],
      80: [0xf1],
    });
    expect(exceptions(list.slice(0, 32), -2.5)).toEqual({ 0: 18.5 });
    expect(exceptions(list.slice(160, 192), -26)).toEqual({ 0: 244 });
  });

  it("Q5_K: a fifth bit plane per group", () => {
    const list = decoded("Q5_K", { 0: [...ONE, ...HALF], 4: [3, 2], 8: [5], 16: [0b11], 48: [0x37] });
    expect(exceptions(list.slice(0, 32), -2.5)).toEqual({ 0: 66.5 });
    expect(exceptions(list.slice(32, 64), 0)).toEqual({ 0: 38 });
  });

  it("Q6_K: two-bit tops, signed scales", () => {
    // Weight 0 is 7 + 1·16 - 32 = -9; weight 96 is 15 + 3·16 - 32 = 31; weight 128 is 0 - 32.
    const list = decoded("Q6_K", {
      0: [0x07],
      32: [0xf0],
      128: [0b11000001],
      192: [2],
      198: [0xff],
      200: [1],
      208: ONE,
    });
    expect(exceptions(list.slice(0, 16), -64)).toEqual({ 0: -18 });
    expect(exceptions(list.slice(96, 112), 32)).toEqual({ 0: -31 });
    expect(list.slice(128, 144)).toEqual(repeat(-32, 16));
  });

  it("IQ4_NL and IQ4_XS: codes are looked up", () => {
    const nl = decoded("IQ4_NL", { 0: HALF, 2: [0xf8] });
    expect(exceptions(nl, -63.5)).toEqual({ 0: 0.5, 16: 56.5 });
    // Group 3 has scale 5 + 2·16 - 32 = 5.
    const xs = decoded("IQ4_XS", { 0: ONE, 2: [0b10000000], 5: [0x50], 56: [0xf8] });
    expect(exceptions(xs.slice(96, 128), -635)).toEqual({ 0: 5, 16: 565 });
    expect(xs[0]).toBe(127 * 32);
  });

  it("MXFP4: e2m1 times a power of two", () => {
    const codes = [0x80, 0x91, 0xa2, 0xb3, 0xc4, 0xd5, 0xe6, 0xf7];
    const list = decoded("MXFP4", { 0: [128], 1: codes });
    expect(list.slice(0, 8)).toEqual([0, 1, 2, 3, 4, 6, 8, 12]);
    expect(list.slice(16, 24)).toEqual([0, -1, -2, -3, -4, -6, -8, -12]);
    expect(decoded("MXFP4", { 0: [0], 1: [0x01] })[0]).toBe(2 ** -128);
  });

  it("NVFP4: a UE4M3 scale for each 16, halves of 8", () => {
    // 0x38 is 1, 0x3c is 1.5, 0x01 the smallest, 0x7f counts as 0.
    const list = decoded("NVFP4", { 0: [0x38, 0x3c, 0x01, 0x7f], 4: [0x21], 12: [0xf0], 20: [0x02], 28: [0x77] });
    expect(exceptions(list, 0)).toEqual({ 0: 0.5, 8: 1, 24: -9, 32: 2 ** -9 });
  });

  it("TQ1_0: digits of a fraction of 256", () => {
    // 0.21 in base 3 is 7/9, rounded up to 200/256; then zeros, which stand for -1.
    const list = decoded("TQ1_0", { 0: [200], 33: [86], 48: [200], 52: ONE });
    expect(exceptions(list, -1)).toEqual({ 0: 1, 32: 0, 161: 0, 240: 1, 244: 0 });
  });

  it("TQ2_0: 1 is zero", () => {
    expect(exceptions(decoded("TQ2_0", { 0: [0b10_01], 63: [0b10_00_00_00], 64: TWO }), -2)).toEqual({
      0: 0,
      32: 2,
      255: 2,
    });
  });

  it("IQ2_XXS: grid, even signs and scale of each 32", () => {
    // Group 1: indices 1, 0, 0, 0; sign code 2 of the second vector flips component 1 and, to be even, 7; scale 3.
    const list = decoded("IQ2_XXS", { 0: ONE, 10: [1, 0, 0, 0, 0x00, 0x01, 0x00, 0x30] });
    const unit = 3.5 / 4;
    expect(list.slice(32, 48)).toEqual([43, ...repeat(8, 7), 8, -8, ...repeat(8, 5), -8].map((x) => x * unit));
    expect(list.slice(0, 32)).toEqual(repeat(1, 32));
  });

  it("IQ2_XS: index and signs in one word, a scale for two vectors", () => {
    // Vector 3: index 1, sign code 1: components 0 and 7 negative; scale 15 of its pair.
    const list = decoded("IQ2_XS", { 0: ONE, 8: [0x01, 0x02], 66: [0xf0] });
    expect(list.slice(24, 32)).toEqual([-43, ...repeat(8, 6), -8].map((x) => (x * 15.5) / 4));
    expect(list.slice(0, 16)).toEqual(repeat(1, 16));
  });

  it("IQ2_S: index tops apart, plain signs", () => {
    // The grids are in ascending order: the last of 1024 begins, from its top component, with the largest ones.
    const list = decoded("IQ2_S", { 0: ONE, 3: [0xff], 35: [0b10], 66: [0b1100] });
    expect(list[15]).toBe(43 / 8);
    expect(list[9]).toBeLessThan(0);
    expect(list.slice(0, 8)).toEqual(repeat(1, 8));
  });

  it("IQ3_XXS: vectors of four", () => {
    // Group 0: index 1 for the second vector; sign code 16 flips component 4 and, to be even, 7; scale 1.
    const list = decoded("IQ3_XXS", { 0: ONE, 3: [1], 66: [16, 0, 0, 0x10] });
    expect(list.slice(0, 12)).toEqual([4, 4, 4, 4, -20, 4, 4, -4, 4, 4, 4, 4].map((x) => x * 0.75));
  });

  it("IQ3_S: ninth bits, plain signs, odd scales", () => {
    const list = decoded("IQ3_S", { 0: ONE, 10: [1, 0xff], 67: [0b10], 78: [0b1], 106: [0x20] });
    expect(list.slice(32, 36)).toEqual([-15, 5, 5, 5]);
    // The last of the 512 vectors in ascending order.
    expect(list[39]).toBe(15 * 5);
    expect(list.slice(0, 32)).toEqual(repeat(1, 32));
  });

  it("IQ1_S: three-bit index tops, one shift for 32", () => {
    // Group 0: index 1 is 1, -1, -1, …; scale 2·3 + 1 and shift -1/8. Index 0 is -1 throughout.
    const list = decoded("IQ1_S", { 0: ONE, 2: [1], 34: [0x00, 0xb0] });
    expect(list.slice(0, 9)).toEqual([0.875, ...repeat(-1.125, 8)].map((x) => x * 7));
    expect(list[32]).toBe(-0.875);
  });

  it("IQ1_M: d in four quarters, a shift for each vector", () => {
    // d = 0x3c00; scale of vectors 2 and 3 is 2·5 + 1; vector 3 has the shift -1/8.
    const list = decoded("IQ1_M", { 3: [1], 33: [0x80], 48: [0x28, 0x00, 0x00, 0x00, 0x00, 0xc0, 0x00, 0x30] });
    expect(list.slice(16, 32)).toEqual([...repeat(-0.875, 8), 0.875, ...repeat(-1.125, 7)].map((x) => x * 11));
    expect(list[0]).toBe(-0.875);
  });
});

describe("dequantize", () => {
  it("refuses what is not whole blocks", () => {
    expect(() => dequantize("Q4_K", new Uint8Array(1000), 128)).toThrow(expect.objectContaining({ code: "malformed" }));
  });

  it("refuses too few bytes before it allocates", () => {
    expect(() => dequantize("Q8_0", new Uint8Array(33), 2 ** 50)).toThrow(
      expect.objectContaining({ code: "truncated" }),
    );
  });

  it("takes no more than it was asked for", () => {
    expect([...dequantize("F16", Uint8Array.of(0, 0x3c, 0, 0x40), 1)]).toEqual([1]);
  });
});
