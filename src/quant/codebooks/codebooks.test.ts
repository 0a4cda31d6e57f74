import { describe, expect, it } from "vitest";
import { CODEBOOKS } from "./index.ts";

const SHAPES: Record<string, [vectors: number, components: number]> = {
  iq2_xxs_grid: [256, 8],
  iq2_xs_grid: [512, 8],
  iq2_s_grid: [1024, 8],
  iq3_xxs_grid: [256, 4],
  iq3_s_grid: [512, 4],
  iq1_s_grid: [2048, 8],
  even_signs: [128, 1],
  iq4_values: [16, 1],
  e2m1_doubled: [16, 1],
};

const table = (name: string) => CODEBOOKS.find((codebook) => codebook.name === name)!.bytes();

describe("codebooks", () => {
  it("have their sizes, in the order wasm/decode.h names them", () => {
    const sizes = CODEBOOKS.map(({ name, bytes }) => [name, bytes().length]);
    expect(sizes).toEqual(Object.entries(SHAPES).map(([name, [vectors, components]]) => [name, vectors * components]));
  });

  it.each(Object.keys(SHAPES).filter((name) => name.endsWith("grid")))("%s holds no vector twice", (name) => {
    const [vectors, components] = SHAPES[name];
    const bytes = table(name);
    const seen = new Set<string>();
    for (let v = 0; v < vectors; v++) seen.add(bytes.subarray(v * components, (v + 1) * components).join());
    expect(seen.size).toBe(vectors);
  });

  it.each(["iq2_xxs_grid", "iq2_xs_grid", "iq2_s_grid", "iq3_xxs_grid", "iq3_s_grid"])(
    "%s ascends as little-endian integers",
    (name) => {
      const [vectors, components] = SHAPES[name];
      const bytes = table(name);
      const integer = (v: number) =>
        bytes
          .subarray(v * components, (v + 1) * components)
          .reduceRight<bigint>((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
      for (let v = 1; v < vectors; v++) expect(integer(v) > integer(v - 1)).toBe(true);
    },
  );

  it("even_signs has an even number of bits in every entry, the low seven being the code", () => {
    table("even_signs").forEach((signs, code) => {
      expect(signs & 127).toBe(code);
      expect(signs.toString(2).replaceAll("0", "").length % 2).toBe(0);
    });
  });

  it("is made once", () => {
    expect(table("iq1_s_grid")).toBe(table("iq1_s_grid"));
  });
});
