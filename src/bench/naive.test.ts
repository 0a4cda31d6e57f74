import { describe, expect, it } from "vitest";
import { naiveName, naiveProducts, naiveRows, timeNaive } from "./naive.ts";
import { FULL, QUICK } from "./plan.ts";

describe("naive products", () => {
  it("multiply", () => {
    const y = new Float32Array(4);
    naiveRows(new Float32Array([1, 2, 3, 4, 5, 6]), new Float32Array([1, 0, 2, 0, 1, 1]), y, 3, 2, 2, 0, 2);
    expect([...y]).toEqual([7, 16, 5, 11]);
  });

  it("stand beside the plans' products of 1 and 64 tokens, once whatever the type", () => {
    for (const { kernels } of [QUICK, FULL]) {
      expect(naiveProducts(kernels).map(naiveName).sort()).toEqual([
        "naive product F32 4096×4096, 1 token",
        "naive product F32 4096×4096, 64 tokens",
      ]);
      for (const dtype of ["Q4_0", "Q8_0", "Q4_K"]) {
        for (const tokens of [1, 64]) {
          expect(kernels).toContainEqual({ kernel: "matmul", dtype, width: 4096, out: 4096, tokens });
        }
      }
    }
  });

  it("are timed, and stop on the signal", async () => {
    const product = { width: 64, out: 32, tokens: 2 };
    const { microseconds, bytes, operations } = await timeNaive(product, 3);
    expect([microseconds.length, bytes, operations]).toEqual([3, 4 * (64 * 32 + 96 * 2), 2 * 64 * 32 * 2]);
    await expect(timeNaive(product, 1, AbortSignal.abort())).rejects.toMatchObject({ code: "aborted" });
  });
});
