import { describe, expect, it } from "vitest";
import { checkReport, parseReport } from "./schema.ts";
import { rates, reportOf } from "./testing.ts";

const good = () => reportOf([rates("tg32", [1, 2, 3])]);

/** What the checker says of a report that was changed. */
function complaint(change: (report: Record<string, never> & ReturnType<typeof good>) => void): string {
  const report = JSON.parse(JSON.stringify(good()));
  change(report);
  try {
    checkReport(report);
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}

describe("parseReport", () => {
  it("takes a report as it was written", () => {
    expect(parseReport(JSON.stringify(good()))).toEqual(good());
  });

  it("says where something else is, and what was expected", () => {
    expect(complaint((r) => Object.assign(r, { schema: "other/1" }))).toBe(
      'This is no benchmark result: at schema there is "other/1", expected one of webgguf-bench/1.',
    );
    expect(complaint((r) => Object.assign(r.runs[0].tests[0], { samples: [1, "2"] }))).toContain(
      'at runs[0].tests[0].samples[1] there is "2", expected a number from 0',
    );
    expect(complaint((r) => Object.assign(r.machine, { isolated: undefined }))).toContain(
      "at machine.isolated there is nothing, expected true or false",
    );
    expect(complaint((r) => Object.assign(r.runs[0], { backend: "cuda" }))).toContain("at runs[0].backend");
    expect(complaint((r) => Object.assign(r.runs[0].tests[0], { unit: "parsecs" }))).toContain("one of tokens/s, ms");
    expect(complaint((r) => Object.assign(r, { surprise: 1 }))).toContain("at surprise there is 1");
    expect(complaint((r) => Object.assign(r, { date: "yesterday" }))).toContain("at date");
    expect(complaint((r) => Object.assign(r, { runs: {} }))).toContain("at runs there is an object, expected a list");
    expect(complaint((r) => Object.assign(r.plan, { opens: 1.5 }))).toContain("a whole number");
  });

  it("refuses what is no JSON, and what is no object", () => {
    expect(() => parseReport("{")).toThrow(/not JSON/);
    expect(() => parseReport("null")).toThrow(/at the top there is null, expected an object/);
  });
});
