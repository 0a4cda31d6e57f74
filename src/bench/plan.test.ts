import { describe, expect, it } from "vitest";
import { contextOf, FULL, kernelName, modelTests, QUICK } from "./plan.ts";
import { Schedule } from "./schedule.ts";
import { drift } from "./watch.ts";

describe("modelTests", () => {
  it("has llama-bench's names, shallow contexts first", () => {
    const plan = { ...FULL, prompt: [32], generate: [8], firstToken: [16], depths: [2048, 0] };
    expect(modelTests(plan, 4096).tests.map(({ id }) => id)).toEqual([
      "pp32",
      "tg8",
      "ttft16",
      "pp32 @ d2048",
      "tg8 @ d2048",
      "ttft16 @ d2048",
    ]);
  });

  it("leaves out what the context has no room for", () => {
    const { tests, tooLong } = modelTests(FULL, 4096);
    expect(tests.map(({ id }) => id)).toContain("pp2048 @ d2048");
    expect(tooLong).toContain("pp32 @ d8192");
    expect(tests.every(({ depth, tokens }) => depth + tokens <= 4096)).toBe(true);
  });

  it("needs the context that contextOf says", () => {
    for (const plan of [QUICK, FULL]) {
      expect(modelTests(plan, contextOf(plan)).tooLong).toEqual([]);
      expect(modelTests(plan, contextOf(plan) - 1).tooLong).not.toEqual([]);
    }
  });
});

describe("the kernels of a plan", () => {
  it("have names of their own", () => {
    for (const { kernels } of [QUICK, FULL]) expect(new Set(kernels.map(kernelName)).size).toBe(kernels.length);
  });
});

describe("Schedule", () => {
  it("tells the remaining time by what the same took, else by cost", () => {
    const schedule = new Schedule([
      { key: "a", cost: 1 },
      { key: "a", cost: 1 },
      { key: "b", cost: 10 },
      { key: "c", cost: 5 },
    ]);
    expect(schedule.remainingMilliseconds).toBeUndefined();
    schedule.finish("a", 100);
    expect(schedule.remainingMilliseconds).toBe(100 + 1000 + 500);
    schedule.drop("c");
    schedule.finish("b", 100);
    expect(schedule.remainingMilliseconds).toBe(100);
    schedule.finish("a", 100);
    expect([schedule.remainingMilliseconds, schedule.done]).toEqual([0, 4]);
  });
});

describe("drift", () => {
  it("compares the first third with the last", () => {
    expect(drift([1, 1, 5, 5, 2, 2])).toBe(1);
    expect(drift([1, 2, 3, 4, 5])).toBe(0);
  });
});
