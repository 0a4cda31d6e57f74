import { describe, expect, it } from "vitest";
import { hasReference, referenceJson } from "../../test/reference.ts";
import { DTYPES, type DType } from "../core/dtype.ts";
import { dequantize } from "./index.ts";

interface Blocks {
  n: number;
  quantized: string;
  dequantizedF32: string;
}

const DTYPE_NAMES = Object.keys(DTYPES) as DType[];

const base64 = (text: string) => new Uint8Array(Buffer.from(text, "base64"));

/** The place of a float32, given by its bits, in the order of all float32 values. */
const rank = (bits: number) => (bits & 0x80000000 ? -(bits & 0x7fffffff) : bits);

function compare(dtype: DType, { n, quantized, dequantizedF32 }: Blocks) {
  const got = new Int32Array(dequantize(dtype, base64(quantized), n).buffer);
  const expected = new Int32Array(base64(dequantizedF32).buffer);
  expect(got.length).toBe(expected.length);
  let ulp = 0;
  let differing = 0;
  for (let i = 0; i < n; i++) {
    ulp = Math.max(ulp, Math.abs(rank(got[i]) - rank(expected[i])));
    if (got[i] !== expected[i]) differing++;
  }
  return { ulp, differing };
}

describe.skipIf(!hasReference)("golden blocks", () => {
  for (const dtype of DTYPE_NAMES) {
    it(`${dtype} agrees bit by bit`, () => {
      const golden = referenceJson<Blocks & { id: number; random: Blocks }>(`quants/${dtype}.json`);
      expect(golden.id).toBe(DTYPES[dtype].id);
      const made = compare(dtype, golden);
      const random = compare(dtype, golden.random);
      console.log(
        `${dtype.padEnd(8)} ${golden.n} made, ${golden.random.n} random values: ` +
          `largest deviation ${Math.max(made.ulp, random.ulp)} ulp, ${made.differing + random.differing} not bit-equal`,
      );
      expect({ made, random }).toEqual({ made: { ulp: 0, differing: 0 }, random: { ulp: 0, differing: 0 } });
    });
  }
});
