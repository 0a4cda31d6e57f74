import { describe, expect, it } from "vitest";
import { compileGolden } from "../../../test/golden-run.ts";
import { TINY, tinyModel } from "../../../test/tiny-model.ts";
import type { Profile } from "../../core/api.ts";
import { createWasmBackend } from "./index.ts";
import { medianProfile, type ProgramStep, profileOf, timesBytes } from "./profile.ts";

const STEPS: ProgramStep[] = [
  { label: "embd", op: "embed" },
  { label: "q input", op: "quantize" },
  { label: "q", op: "matmul F32", weightBytes: 64 },
  { label: "attn", op: "attention", cache: { bytes: 16, window: 3 } },
];

/** Steps end to end, and every thread's time in each accounted for. */
function expectTiles({ steps, wallMicroseconds, threads }: Profile): void {
  let at = 0;
  for (const step of steps) {
    expect(step.startMicroseconds).toBeCloseTo(at, 3);
    expect(step.microseconds).toBeGreaterThanOrEqual(0);
    at += step.microseconds;
    expect(step.threads).toHaveLength(threads);
    for (const { startMicroseconds = step.startMicroseconds, workMicroseconds, waitMicroseconds } of step.threads!) {
      expect(workMicroseconds).toBeGreaterThanOrEqual(0);
      expect(workMicroseconds + waitMicroseconds).toBeCloseTo(step.microseconds, 3);
      expect(startMicroseconds).toBeGreaterThanOrEqual(step.startMicroseconds - 1e-3);
      expect(startMicroseconds + workMicroseconds).toBeLessThanOrEqual(at + 1e-3);
    }
  }
  expect(Math.abs(at - wallMicroseconds)).toBeLessThanOrEqual(0.05 * wallMicroseconds);
  expect(at).toBeCloseTo(wallMicroseconds, 3);
}

describe("the record of a run", () => {
  const times = new Float64Array(timesBytes(4, 2) / 8);
  // Steps could begin at 10, –, 12 and 15 ms, the end was at 18; the second had nothing to do.
  times.set([10, 0, 12, 15, 18]);
  const spent = (step: number, thread: number, first: number, last: number, sum: number) =>
    times.set([first, last, sum], 5 + 3 * (2 * step + thread));
  spent(0, 0, 10, 12, 2);
  spent(2, 0, 12, 15, 2.5);
  // A clock that runs ahead, and one that runs behind.
  spent(2, 1, 14.5, 15.5, 1);
  spent(3, 1, 14.9, 17, 2);
  const run = { start: 9, end: 20, threads: 2, resolution: 0.005, request: { tokens: [7], position: 5 } };
  const profile = profileOf(STEPS, times, run);

  it("becomes steps end to end, without those that had nothing to do", () => {
    expectTiles(profile);
    expect(profile.steps.map((s) => [s.label, s.startMicroseconds, s.microseconds])).toEqual([
      ["tokens and angles", 0, 1000],
      ["embd", 1000, 2000],
      ["q", 3000, 3000],
      ["attn", 6000, 3000],
      ["back to JavaScript", 9000, 2000],
    ]);
    expect(profile).toMatchObject({ tokens: 1, contextDepth: 5, wallMicroseconds: 11000, resolutionMicroseconds: 5 });
  });

  it("has each thread's work and waiting, within the step whatever its clock says", () => {
    expect(profile.steps[2].threads).toEqual([
      { startMicroseconds: 3000, workMicroseconds: 2500, waitMicroseconds: 500 },
      { startMicroseconds: 5000, workMicroseconds: 1000, waitMicroseconds: 2000 },
    ]);
    expect(profile.steps[3].threads).toEqual([
      { workMicroseconds: 0, waitMicroseconds: 3000 },
      { startMicroseconds: 6000, workMicroseconds: 2000, waitMicroseconds: 1000 },
    ]);
  });

  it("never goes back in time, whatever the threads' clocks say", () => {
    const skewed = Float64Array.from(times);
    skewed.set([8.9, 0, 12, 11.9, 20.1]);
    const made = profileOf(STEPS, skewed, run);
    expectTiles(made);
    expect(made.steps.map((s) => s.microseconds)).toEqual([0, 3000, 0, 8000, 0]);
  });

  it("has the bytes: weights, and what a token sees of the cache", () => {
    expect(profile.steps.map((s) => s.bytes)).toEqual([undefined, undefined, 64, 48, undefined]);
    const batch = profileOf(STEPS, times, { ...run, request: { tokens: [7, 8], position: 5 } });
    expect(batch.steps.map((s) => s.bytes)).toEqual([undefined, undefined, 64, undefined, undefined]);
  });

  it("is that of the run in the middle", () => {
    const runs = [5, 1, 3].map((wallMicroseconds) => ({ ...profile, wallMicroseconds }));
    expect(medianProfile(runs, [9, 7, 8])).toMatchObject({
      wallMicroseconds: 3,
      plainMicroseconds: 8000,
      repetitions: 3,
    });
  });
});

describe.each([1, 2, 3])("a profile on %i threads", (threads) => {
  it("accounts for all the time of a token and of a prompt, and leaves the cache as it was", async () => {
    const backend = await createWasmBackend({ threads });
    const { file } = tinyModel({ architecture: "llama" });
    const { plan } = await compileGolden(backend, file, { batchSize: 8, cacheType: "f16" });
    const prompt = await plan.profile!({ tokens: [1, 2, 3, 4], position: 0, outputs: [3] }, 2);
    expectTiles(prompt);
    expect(prompt).toMatchObject({ tokens: 4, contextDepth: 0, repetitions: 2, threads });
    const step = { tokens: [5], position: 4, outputs: [0] };
    const before = (await plan.run(step))[0].slice();
    const token = await plan.profile!(step, 3);
    expectTiles(token);
    expect(token.plainMicroseconds).toBeGreaterThan(0);
    expect(token.resolutionMicroseconds).toBeGreaterThan(0);
    const output = token.steps.at(-2);
    expect(output?.op).toBe("matmul F32");
    expect(output?.bytes).toBe(TINY.vocabulary * TINY.width * 4);
    expect(output?.threads?.reduce((sum, t) => sum + t.workMicroseconds, 0)).toBeGreaterThan(0);
    const kinds = new Set(token.steps.map((s) => s.op));
    expect(kinds).toContain("attention");
    expect(kinds).toContain("rope + kv_append");
    // With one token each thread prepares its own input.
    expect(kinds).not.toContain("quantize");
    expect(new Set(prompt.steps.map((s) => s.op))).toContain("quantize");
    expect((await plan.run(step))[0]).toEqual(before);
    await plan.close();
    await backend.close();
  });
});

describe("a profile that cannot be", () => {
  it("is refused during another, and stopped by a signal", async () => {
    const backend = await createWasmBackend({ threads: 2 });
    const { file } = tinyModel({ architecture: "llama" });
    const { plan } = await compileGolden(backend, file, { batchSize: 8, cacheType: "f16" });
    const stop = new AbortController();
    const long = plan.profile!({ tokens: [1], position: 0, outputs: [0], signal: stop.signal }, 1_000_000);
    await expect(plan.profile!({ tokens: [1], position: 0, outputs: [0] }, 1)).rejects.toMatchObject({ code: "busy" });
    stop.abort();
    await expect(long).rejects.toMatchObject({ code: "aborted" });
    const [row] = await plan.run({ tokens: [1], position: 0, outputs: [0] });
    expect(row.every(Number.isFinite)).toBe(true);
    await plan.close();
    await backend.close();
  });
});
