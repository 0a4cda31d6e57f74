import { describe, expect, it } from "vitest";
import { mergeReports } from "./merge.ts";
import { checkReport } from "./schema.ts";
import { rates, reportOf } from "./testing.ts";

const plan = { set: "quick", opens: 1, rounds: 2, warmups: 1 } as const;

describe("mergeReports", () => {
  it("puts the samples of all openings behind each other", () => {
    const parts = [1, 2, 3].map((i) => reportOf([rates("pp", [i, i + 0.5]), rates("tg", [10 * i])], { plan }));
    const merged = checkReport(mergeReports([parts[0], ...parts.slice(1)]));
    expect(merged.plan.opens).toBe(3);
    expect(merged.runs[0].tests.map(({ id, samples }) => [id, samples])).toEqual([
      ["pp", [1, 1.5, 2, 2.5, 3, 3.5]],
      ["tg", [10, 20, 30]],
    ]);
    expect(merged.warnings.map(({ code }) => code)).toEqual(["drift", "spread"]);
    expect(parts[0].runs[0].tests[0].samples).toEqual([1, 1.5]);
  });

  it("keeps each warning once, and what went wrong", () => {
    const busy = [{ code: "busy", message: "Others ran." } as const];
    const parts = [1, 2].map(() => reportOf([rates("pp", [1])], { plan, warnings: busy }));
    parts[1].runs[0].error = "out of memory";
    parts[1].runs[0].tests = [];
    const merged = mergeReports([parts[0], parts[1]]);
    expect(merged.warnings).toEqual(busy);
    expect(merged.runs[0]).toMatchObject({ error: "out of memory", tests: [] });
  });
});
