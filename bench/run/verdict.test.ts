import { describe, expect, it } from "vitest";
import { rates, reportOf } from "../../src/bench/testing.ts";
import { judge } from "./verdict.ts";

const EIGHT = [100, 101, 99, 102, 98, 100.5, 99.5, 101.5];
const report = (factor: number, name = "run") => {
  const warnings = [{ code: "busy", message: "Others ran." } as const];
  return reportOf(
    [
      rates(
        "tg32",
        EIGHT.map((value) => value * factor),
      ),
    ],
    { name, warnings },
  );
};

describe("judge", () => {
  it("fails on a significant regression beyond the bound", () => {
    const { text, failed } = judge(report(1, "before"), report(0.9, "after"), 5);
    expect(failed).toBe(true);
    expect(text).toContain(
      "1 significantly slower by more than 5 %:\n- Tiny Q8_0, wasm, 2 threads: tg32, 10.0 % slower",
    );
    expect(text).toContain("Mind, in after: Others ran.");
    expect(judge(report(1), report(0.9), 15).failed).toBe(false);
    expect(judge(report(1), report(1), 0).failed).toBe(false);
  });

  it("fails nothing on another machine", () => {
    const other = { ...report(0.5), machine: { ...report(1).machine, logicalProcessors: 64 } };
    const { text, failed } = judge(report(1), other, 5);
    expect(failed).toBe(false);
    expect(text).toContain("The machines differ");
  });
});
