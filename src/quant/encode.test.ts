import { describe, expect, it } from "vitest";
import { randomBlocks } from "../../test/random-blocks.ts";
import { hasReference, referenceJson } from "../../test/reference.ts";
import { type EncodableDType, f32ToBf16, f32ToF16, quantize } from "./encode.ts";
import { dequantize } from "./index.ts";
import { bf16ToF32, f16ToF32 } from "./scalar.ts";

const ENCODABLE: EncodableDType[] = ["F32", "F16", "BF16", "Q8_0", "Q4_0"];

const base64 = (text: string) => new Uint8Array(Buffer.from(text, "base64"));

describe("half precision", () => {
  it("every binary16 value survives the round trip", () => {
    const changed = Array.from({ length: 0x10000 }, (_, half) => half).filter((half) => {
      const value = f16ToF32(half);
      return Number.isNaN(value) ? (f32ToF16(value) & 0x7fff) <= 0x7c00 : f32ToF16(value) !== half;
    });
    expect(changed).toEqual([]);
  });

  it("rounds to the nearest binary16, ties to even, and to infinity from 65520 on", () => {
    const ulp = 2 ** -10;
    expect(f32ToF16(1 + ulp / 2)).toBe(0x3c00);
    expect(f32ToF16(1 + ulp * 1.5)).toBe(0x3c02);
    expect(f32ToF16(1 + ulp * 0.51)).toBe(0x3c01);
    expect(f32ToF16(2 - ulp / 4)).toBe(0x4000);
    expect(f32ToF16(2 ** -25)).toBe(0);
    expect(f32ToF16(1.5 * 2 ** -25)).toBe(1);
    expect(f32ToF16(2 ** -14 - 2 ** -26)).toBe(0x0400);
    expect(f32ToF16(-65519)).toBe(0xfbff);
    expect(f32ToF16(-65520)).toBe(0xfc00);
  });

  it("rounds to the nearest bfloat16, ties to even", () => {
    expect(f32ToBf16(-10)).toBe(0xc120);
    expect(f32ToBf16(1 + 2 ** -8)).toBe(0x3f80);
    expect(f32ToBf16(1 + 3 * 2 ** -8)).toBe(0x3f82);
    expect(f32ToBf16(-Infinity)).toBe(0xff80);
    expect(bf16ToF32(f32ToBf16(NaN))).toBeNaN();
  });
});

describe("quantize", () => {
  it("Q4_0 gives the extreme value the code 0", () => {
    const values = new Float32Array(32);
    values.set([-8, 7, 3.4, -3.6]);
    const blocks = quantize("Q4_0", values);
    expect([...blocks.subarray(0, 2)]).toEqual([0x00, 0x3c]);
    expect([...dequantize("Q4_0", blocks, 32).subarray(0, 5)]).toEqual([-8, 7, 3, -4, 0]);
  });

  it("Q8_0 rounds halves away from zero", () => {
    const values = new Float32Array(32);
    values.set([127, 2.5, -2.5, -127, 0.4]);
    expect([...dequantize("Q8_0", quantize("Q8_0", values), 32).subarray(0, 6)]).toEqual([127, 3, -3, -127, 0, 0]);
  });

  it("Q4_0 is off by half a step, or by up to one where the side without a 16th code ends", () => {
    const values = Float32Array.from(randomBlocks(1, 4096), (byte, i) => (byte - 127.3) * (1 + (i >> 5)));
    const decoded = dequantize("Q4_0", quantize("Q4_0", values), values.length);
    for (let block = 0; block < values.length; block += 32) {
      const extreme = values.subarray(block, block + 32).reduce((a, x) => (Math.abs(x) > Math.abs(a) ? x : a), 0);
      const step = Math.abs(extreme) / 8;
      for (let i = block; i < block + 32; i++) {
        const error = Math.abs(decoded[i] - values[i]);
        const clipped = -values[i] * Math.sign(extreme) > 7.5 * step;
        expect(error).toBeLessThanOrEqual(step * (clipped ? 1 : 0.5) + 0.01 * step);
      }
    }
  });

  it("zeros stay zeros", () => {
    for (const dtype of ENCODABLE) {
      const values = new Float32Array(32);
      expect(dequantize(dtype, quantize(dtype, values), 32).every((value) => value === 0)).toBe(true);
    }
  });

  it("refuses what is not whole blocks", () => {
    expect(() => quantize("Q8_0", new Float32Array(33))).toThrow(expect.objectContaining({ code: "invalid-argument" }));
  });
});

describe.skipIf(!hasReference)("golden encodings", () => {
  // Not Q4_0: its golden blocks come from a search for better scales.
  it.each(["F32", "F16", "BF16", "Q8_0"] as const)("%s makes the same blocks", (dtype) => {
    const source = base64(referenceJson<{ f32: string }>("quants/source.json").f32);
    const { quantized } = referenceJson<{ quantized: string }>(`quants/${dtype}.json`);
    const blocks = quantize(dtype, new Float32Array(source.buffer));
    const expected = base64(quantized);
    expect(blocks.length).toBe(expected.length);
    const differing = blocks.filter((byte, i) => byte !== expected[i]).length;
    console.log(`${dtype.padEnd(8)} ${differing} of ${blocks.length} bytes differ`);
    expect(differing).toBe(0);
  });
});
