import { describe, expect, it } from "vitest";
import type { Profile } from "./api.ts";
import { flameOf } from "./flame.ts";

const step = (label: string, startMicroseconds: number, microseconds: number, work: readonly number[]) => ({
  label,
  op: label.includes("attn") ? "attention" : "matvec Q4_0",
  startMicroseconds,
  microseconds,
  threads: work.map((workMicroseconds) => ({
    ...(workMicroseconds > 0 && { startMicroseconds: startMicroseconds + 1 }),
    workMicroseconds,
    waitMicroseconds: microseconds - workMicroseconds,
  })),
});

const PROFILE: Profile = {
  tokens: 1,
  contextDepth: 0,
  repetitions: 1,
  wallMicroseconds: 100,
  plainMicroseconds: 90,
  resolutionMicroseconds: 0.1,
  threads: 2,
  steps: [
    step("token_embd", 0, 10, [8, 0]),
    step("blk.0.attn", 10, 30, [25, 20]),
    step("blk.0.ffn_down", 40, 20, [15, 19]),
    step("blk.1.attn", 60, 10, [9, 9]),
    step("output", 70, 30, [20, 29]),
  ],
};

describe("flameOf", () => {
  const { parts, steps, threads } = flameOf(PROFILE);

  it("has blocks over their steps, which fill them", () => {
    expect(parts.map((p) => [p.name, p.startMicroseconds, p.microseconds])).toEqual([
      ["token_embd", 0, 10],
      ["blk.0", 10, 50],
      ["blk.1", 60, 10],
      ["output", 70, 30],
    ]);
    expect(steps.map(({ name }) => name)).toEqual(PROFILE.steps.map(({ label }) => label));
  });

  it("has what each thread worked, and nothing where it did not", () => {
    expect(threads.map((spans) => spans.map(({ microseconds }) => microseconds))).toEqual([
      [8, 25, 15, 9, 20],
      [20, 19, 9, 29],
    ]);
    expect(threads[1][0]).toEqual({ name: "blk.0.attn", op: "attention", startMicroseconds: 11, microseconds: 20 });
  });

  it("has no threads on a GPU", () => {
    const steps = PROFILE.steps.map(({ threads: _, ...rest }) => rest);
    expect(flameOf({ ...PROFILE, threads: 0, steps }).threads).toEqual([]);
  });
});
