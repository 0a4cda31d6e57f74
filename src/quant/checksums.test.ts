import { describe, expect, it } from "vitest";
import { randomBlocks } from "../../test/random-blocks.ts";
import { DTYPES, type DType } from "../core/dtype.ts";
import { dequantize } from "./index.ts";

/**
 * FNV-1a over the float32 bits of 16384 values decoded from random blocks of each format. Taken when the decoders agreed
 * bit by bit with the golden blocks.
 */
const CHECKSUMS: Record<DType, string> = {
  F32: "14589412",
  F16: "31bc8057",
  Q4_0: "edbc5c9f",
  Q4_1: "8a519e96",
  Q5_0: "f9ba2f47",
  Q5_1: "7117636f",
  Q8_0: "4dc79595",
  Q2_K: "0e1270c9",
  Q3_K: "775d9699",
  Q4_K: "51f7da03",
  Q5_K: "a9085121",
  Q6_K: "574303d6",
  IQ2_XXS: "678095be",
  IQ2_XS: "1af8053f",
  IQ3_XXS: "5b253327",
  IQ1_S: "3b9b5d79",
  IQ4_NL: "d2b6a897",
  IQ3_S: "80214c65",
  IQ2_S: "910e76bb",
  IQ4_XS: "1081ed1f",
  IQ1_M: "bf9e0911",
  BF16: "7f6de9e4",
  TQ1_0: "fb4f070d",
  TQ2_0: "5d2dbc02",
  MXFP4: "330d240a",
  NVFP4: "bca7615f",
  Q1_0: "85202045",
  Q2_0: "cce3c317",
};

function checksum(values: Float32Array<ArrayBuffer>): string {
  const bits = new Uint32Array(values.buffer);
  let hash = 0x811c9dc5;
  for (const word of bits) {
    // Engines may differ in the bits of a NaN.
    const canonical = (word & 0x7fffffff) > 0x7f800000 ? 0x7fc00000 : word;
    for (let shift = 0; shift < 32; shift += 8) hash = Math.imul(hash ^ ((canonical >>> shift) & 255), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}

describe("checksums of decoded random blocks", () => {
  for (const dtype of Object.keys(DTYPES) as DType[]) {
    it(dtype, () => {
      const { id, blockElements, blockBytes } = DTYPES[dtype];
      const blocks = randomBlocks(id, (16384 / blockElements) * blockBytes);
      expect(checksum(dequantize(dtype, blocks, 16384))).toBe(CHECKSUMS[dtype]);
    });
  }
});
