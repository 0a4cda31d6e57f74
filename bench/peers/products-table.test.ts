import { describe, expect, it } from "vitest";
import { productSpecs } from "./product-specs.ts";
import { productsLines, productsMarkdown } from "./products-table.ts";
import type { ProductRound, ProductsResult } from "./types.ts";

/** Every product takes `microseconds` for each token. */
const round = (number: number, engine: ProductRound["engine"], microseconds: number): ProductRound => ({
  round: number,
  engine,
  measurement: {
    version: `${engine} 1`,
    threads: 4,
    timings: productSpecs().map(({ dtype, tokens }) => ({ type: dtype, tokens, microseconds: microseconds * tokens })),
  },
  loadBefore: 0.1,
});

const products = (...rounds: ProductRound[]): ProductsResult => ({ width: 1000, out: 5000, rounds });

// Everything is three times as slow in the second round: the ratios stay.
const steady = products(
  round(1, "webgguf", 1000),
  round(1, "native", 2000),
  round(2, "native", 6000),
  round(2, "webgguf", 3000),
);

describe("productsMarkdown", () => {
  it("gives speeds with their spread, and pairs the ratio by round", () => {
    const text = productsMarkdown(steady);
    // 10^7 operations in 1000 and 3000 µs.
    expect(text).toContain("| Q4_K | 1 | 6.67 (3.33–10.0) | 3.33 (1.67–5.00) | 2.00× (2.00–2.00) |");
    // 5·10^6 weights of 34 bytes for 32.
    expect(text).toMatch(/\| Q8_0 \| 1 \| .* \| 3\.54, 1\.77 \|/);
    expect(text).toContain("of 2 rounds");
    expect(text).toContain("- native: native 1; 4 threads");
    expect(text).not.toContain("load average");
  });

  it("says what size the matrix has, what failed, and that the machine was busy", () => {
    const failed: ProductRound = { round: 1, engine: "native", error: "no such file", loadBefore: 2 };
    const text = productsMarkdown(products({ ...round(1, "webgguf", 1000), loadBefore: 1.5 }, failed));
    expect(text).toContain("round 1: native failed: no such file");
    expect(text).toContain("The load average was 1.50 before the products");
    expect(text).not.toContain("disturbed");
    const disturbed = products(...steady.rounds.slice(0, 3), { ...steady.rounds[3], loadBefore: 5 });
    expect(productsMarkdown(disturbed)).toContain("was up to 5.00 between rounds, where their own 4 threads make 4");
    expect(text).toMatch(/\| Q8_0 \| 8 \| 10\.0 .* \| – \| – \| .*, – \|/);
    expect(productsMarkdown({ ...steady, width: 14_336, out: 4096 })).toContain("33.0 MB in Q4_0, 62.4 MB in Q8_0");
  });
});

describe("productsLines", () => {
  it("has a line for each number of tokens", () => {
    expect(productsLines(steady)).toEqual([
      "Q4_0 2.00× (2.00–2.00), Q8_0 2.00× (2.00–2.00), Q4_K 2.00× (2.00–2.00) the speed of llama.cpp (1000×5000, 1 token, 4 threads)",
      "Q4_0 2.00× (2.00–2.00), Q8_0 2.00× (2.00–2.00), Q4_K 2.00× (2.00–2.00) the speed of llama.cpp (1000×5000, 8 tokens, 4 threads)",
    ]);
  });

  it("has none where the sides never met", () => {
    expect(productsLines(products(round(1, "webgguf", 1000)))).toEqual([]);
  });
});
