import { describe, expect, it } from "vitest";
import { compareReports } from "../../bench/compare.ts";
import { rates, reportOf } from "../../bench/testing.ts";
import { comparisonSummary, comparisonView } from "./comparison.ts";

const slow = [100, 101, 102, 103, 104, 105];
const fast = slow.map((value) => value * 2);

const viewOf = (a: Parameters<typeof reportOf>[0], b: Parameters<typeof reportOf>[0]) =>
  comparisonView(compareReports(reportOf(a), reportOf(b)));

describe("a comparison", () => {
  it("says what became faster, by how much and how sure that is", () => {
    const view = viewOf([rates("pp128", slow), rates("tg32", slow)], [rates("pp128", fast), rates("tg32", slow)]);
    const [{ run, rows }] = view.runs;
    expect(run).toContain("Tiny Q8_0");
    expect(rows[0]).toMatchObject({ test: "pp128", medianA: "103", ratio: "2.00×", verdict: "faster", tone: "good" });
    expect(rows[0].p).toBe("< 0.001");
    expect(rows[1]).toMatchObject({ ratio: "1.00×", verdict: "no difference", tone: "even" });
    expect(view).toMatchObject({ faster: 1, slower: 0, tested: 2 });
    expect(comparisonSummary(view)).toMatch(/^Of 2 tests, the second run is significantly 1 faster\./);
  });

  it("takes longer times for slower", () => {
    const times = (samples: number[]) => [{ ...rates("ttft32", samples), unit: "ms" as const }];
    const [row] = viewOf(times(slow), times(fast)).runs[0].rows;
    expect(row).toMatchObject({ ratio: "0.500×", verdict: "slower", tone: "bad" });
  });

  it("shows both on one scale that holds all samples", () => {
    const [row] = viewOf([rates("pp128", slow)], [rates("pp128", fast)]).runs[0].rows;
    expect(row.range[0]).toBeLessThan(100);
    expect(row.range[1]).toBeGreaterThan(210);
  });

  it("gives no verdict on few samples, nor on what only one of them has", () => {
    const view = viewOf([rates("pp128", [1, 2]), rates("tg32", slow)], [rates("pp128", [3, 4])]);
    expect(view.runs[0].rows.map(({ verdict, p, tone }) => [verdict, p, tone])).toEqual([
      ["too few samples", "", "none"],
      ["only in the first", "", "none"],
    ]);
    expect(view.runs[0].rows[1]).toMatchObject({ medianB: "", ratio: "" });
    expect(comparisonSummary(view)).toMatch(/^No test of both/);
  });
});
