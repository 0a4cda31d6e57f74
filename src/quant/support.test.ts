import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { DTYPES, type DType, dtypeFromId } from "../core/dtype.ts";
import { CPU_SUPPORT, supportTable } from "./support.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

it("names every type", () => {
  expect(Object.keys(CPU_SUPPORT).sort()).toEqual(Object.keys(DTYPES).sort());
});

it("gives a kernel to the types that wasm/formats.c lists", () => {
  const rows = read("wasm/formats.c").matchAll(/^ *\{(\d+), (\d+), (\d+), FORM_/gm);
  const listed = new Set([...rows].map(([, id]) => dtypeFromId(Number(id))!));
  const kernels = (Object.keys(CPU_SUPPORT) as DType[]).filter((dtype) => CPU_SUPPORT[dtype] === "kernel");
  expect(kernels.sort()).toEqual([...listed].sort());
});

it("is the table of docs/FORMATS.md", () => {
  const table = read("docs/FORMATS.md")
    .split("\n")
    .filter((line) => line.startsWith("|"));
  expect(table.join("\n")).toBe(supportTable());
});
