import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { DTYPES } from "../core/dtype.ts";
import { CPU_SUPPORT, supportTable } from "./support.ts";

it("names every type", () => {
  expect(Object.keys(CPU_SUPPORT).sort()).toEqual(Object.keys(DTYPES).sort());
});

it("is the table of docs/FORMATS.md", () => {
  const page = readFileSync(new URL("../../docs/FORMATS.md", import.meta.url), "utf8");
  const table = page.split("\n").filter((line) => line.startsWith("|"));
  expect(table.join("\n")).toBe(supportTable());
});
