import { describe, expect, it } from "vitest";
import type { Profile } from "./api.ts";
import { byOp, chromeTrace, threadUse } from "./profile.ts";

const thread = (workMicroseconds: number, waitMicroseconds: number, startMicroseconds?: number) => ({
  startMicroseconds,
  workMicroseconds,
  waitMicroseconds,
});

const PROFILE: Profile = {
  tokens: 1,
  contextDepth: 5,
  repetitions: 3,
  wallMicroseconds: 100,
  plainMicroseconds: 90,
  resolutionMicroseconds: 0.1,
  threads: 2,
  steps: [
    {
      label: "blk.0.attn_q",
      op: "matmul Q4_K",
      startMicroseconds: 0,
      microseconds: 20,
      bytes: 40_000,
      threads: [thread(20, 0, 0), thread(10, 10, 5)],
    },
    {
      label: "blk.0.rope",
      op: "rope",
      startMicroseconds: 20,
      microseconds: 30,
      threads: [thread(30, 0, 20), thread(0, 30)],
    },
    {
      label: "blk.1.attn_q",
      op: "matmul Q4_K",
      startMicroseconds: 50,
      microseconds: 50,
      bytes: 100_000,
      threads: [thread(40, 10, 50), thread(50, 0, 50)],
    },
  ],
};

describe("byOp", () => {
  it("sums steps of a kind, the longest first; shares make a whole", () => {
    const rows = byOp(PROFILE);
    expect(rows).toEqual([
      { op: "matmul Q4_K", steps: 2, microseconds: 70, share: 0.7, gigabytesPerSecond: 2 },
      { op: "rope", steps: 1, microseconds: 30, share: 0.3 },
    ]);
  });

  it("takes the time of those steps only whose bytes are known", () => {
    const [matmul] = byOp({
      ...PROFILE,
      steps: PROFILE.steps.map((s, i) => (i === 0 ? { ...s, bytes: undefined } : s)),
    });
    expect(matmul.gigabytesPerSecond).toBe(2);
    expect(matmul.microseconds).toBe(70);
  });

  it("has nothing to say of an empty profile", () => {
    expect(byOp({ ...PROFILE, steps: [] })).toEqual([]);
  });
});

describe("threadUse", () => {
  it("is the share of work", () => expect(threadUse(PROFILE)).toBeCloseTo(150 / 200));
  it("is unknown on a GPU", () => expect(threadUse({ ...PROFILE, threads: 0 })).toBeUndefined());
});

describe("chromeTrace", () => {
  const { traceEvents } = chromeTrace(PROFILE, "Model");

  it("has a track for the steps and one for each thread", () => {
    const names = traceEvents.filter((e) => e.name === "thread_name").map((e) => [e.tid, e.args?.name]);
    expect(names).toEqual([
      [0, "Steps"],
      [1, "Thread 0"],
      [2, "Thread 1"],
    ]);
  });

  it("has complete events in microseconds, none for a thread without work", () => {
    const complete = traceEvents.filter((e) => e.ph === "X");
    expect(complete.map((e) => [e.tid, e.ts, e.dur])).toEqual([
      [0, 0, 20],
      [1, 0, 20],
      [2, 5, 10],
      [0, 20, 30],
      [1, 20, 30],
      [0, 50, 50],
      [1, 50, 40],
      [2, 50, 50],
    ]);
    expect(complete[0]).toMatchObject({ name: "blk.0.attn_q", cat: "matmul Q4_K", args: { bytes: 40_000 } });
  });

  it("has one track on a GPU", () => {
    const steps = PROFILE.steps.map(({ threads, ...step }) => step);
    const events = chromeTrace({ ...PROFILE, threads: 0, steps }, "Model").traceEvents;
    expect(new Set(events.map((e) => e.tid))).toEqual(new Set([0]));
  });
});
