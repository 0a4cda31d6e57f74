import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { compareReports, regressions } from "../../src/bench/compare.ts";
import { parseReport } from "../../src/bench/schema.ts";

it("the stored baseline is a result, and no worse than itself", () => {
  const baseline = parseReport(readFileSync(new URL("../baseline.json", import.meta.url), "utf8"));
  expect(baseline.runs.map(({ error }) => error)).toEqual(baseline.runs.map(() => undefined));
  const comparison = compareReports(baseline, baseline);
  expect(comparison.rows.length).toBeGreaterThan(40);
  expect(comparison.rows.filter(({ verdict }) => verdict === "faster" || verdict === "slower")).toEqual([]);
  expect(regressions(comparison, 0)).toEqual([]);
});
