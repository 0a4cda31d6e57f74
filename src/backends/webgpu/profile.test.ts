import { afterAll, describe, expect, it } from "vitest";
import { compileGolden } from "../../../test/golden-run.ts";
import { TINY, tinyModel } from "../../../test/tiny-model.ts";
import type { DType } from "../../core/dtype.ts";
import { byOp } from "../../core/profile.ts";
import type { Backend } from "../backend.ts";
import { createWebgpuBackend } from "./index.ts";
import { summarized } from "./profile.ts";
import { testGpu } from "./testing.ts";

const gpu = await testGpu();

describe("rounds of timestamps", () => {
  const kernel = (file: string, ...weights: DType[]) => ({ file, defines: [], weights, constants: {} });
  const timed = [
    { dispatch: { label: "q", kernel: kernel("ops/matvec.wgsl", "Q4_K", "Q6_K", "Q4_K") }, bytes: 50 },
    { dispatch: { label: "rope", kernel: kernel("ops/rope_append.wgsl") } },
  ].map(({ dispatch, bytes }) => ({
    bound: { dispatch: { ...dispatch, buffers: [], workgroups: () => [1, 1, 1] as const } },
    bytes,
  }));

  it("become medians where the clock is fine", () => {
    const rounds = [
      { plain: [0, 2000], apart: [0, 1000, 1100, 1300] },
      { plain: [0, 2500], apart: [0, 1200, 1400, 1700] },
      { plain: [0, 9900], apart: [0, 9000, 9100, 9900] },
    ];
    expect(summarized(timed, rounds)).toEqual({
      repetitions: 3,
      wallMicroseconds: 1.7,
      plainMicroseconds: 2.5,
      resolutionMicroseconds: 0.1,
      threads: 0,
      steps: [
        { label: "q", op: "matvec Q4_K+Q6_K", startMicroseconds: 0, microseconds: 1.2, bytes: 50 },
        { label: "rope", op: "rope_append", startMicroseconds: 1.4, microseconds: 0.3 },
      ],
    });
  });

  it("become means where it is coarse: a step of a quarter of the clock's shows in one round of four", () => {
    const short = { plain: [0, 65_536], apart: [0, 65_536, 65_536, 65_536] };
    const long = { plain: [0, 131_072], apart: [0, 65_536, 65_536, 131_072] };
    const { resolutionMicroseconds, steps, plainMicroseconds } = summarized(timed, [short, long, short, short]);
    expect(resolutionMicroseconds).toBe(65.536);
    expect(steps[1].microseconds).toBe(65.536 / 4);
    expect(plainMicroseconds).toBe(65.536 * 1.25);
  });
});

describe.skipIf(!gpu)("a profile on the GPU", () => {
  let backend: Backend | undefined;
  afterAll(() => backend?.close());

  async function plan() {
    backend ??= await createWebgpuBackend({ gpu });
    const { file } = tinyModel({ architecture: "llama" });
    return (await compileGolden(backend, file, { batchSize: 8, cacheType: "f32" })).plan;
  }

  it("has a step for each dispatch of a token, one after another, with what they read", async () => {
    const made = await plan();
    await made.run({ tokens: [1, 2, 3, 4], position: 0, outputs: [] });
    const before = (await made.run({ tokens: [5], position: 4, outputs: [0] }))[0].slice();
    const profile = await made.profile!({ tokens: [5], position: 4, outputs: [0] }, 3);
    expect(profile).toMatchObject({ tokens: 1, contextDepth: 4, repetitions: 3, threads: 0 });
    expect(profile.steps.length).toBe(made.counters!.dispatchesPerToken);
    expect(profile.steps[0]).toMatchObject({ op: "embed F32", startMicroseconds: 0 });
    for (const [i, step] of profile.steps.entries()) {
      expect(step.microseconds).toBeGreaterThanOrEqual(0);
      if (i > 0) expect(step.startMicroseconds).toBeGreaterThanOrEqual(profile.steps[i - 1].startMicroseconds);
    }
    const sum = byOp(profile).reduce((total, row) => total + row.microseconds, 0);
    // Medians of parts need not add up to the median of the whole.
    expect(sum).toBeLessThanOrEqual(profile.wallMicroseconds * 1.5);
    expect(profile.plainMicroseconds).toBeGreaterThan(0);

    const products = profile.steps.filter((step) => step.op === "matvec F32").map((step) => step.bytes);
    expect(products.at(-1)).toBe(TINY.vocabulary * TINY.width * 4);
    expect(products.at(-2)).toBe(TINY.feedForward * TINY.width * 4);
    expect(products.at(-3)).toBe(2 * TINY.feedForward * TINY.width * 4);
    const headSize = TINY.width / TINY.heads;
    const parts = profile.steps.find((step) => step.op === "attention_decode");
    expect(parts?.bytes).toBe(5 * 2 * TINY.kvHeads * headSize * 4);

    const [after] = await made.run({ tokens: [5], position: 4, outputs: [0] });
    expect(after).toEqual(before);
    await made.close();
  });

  it("takes a prompt apart too, and refuses while a run is under way", async () => {
    const made = await plan();
    const prompt = made.profile!({ tokens: [1, 2, 3, 4, 5], position: 0, outputs: [4] }, 1);
    await expect(made.profile!({ tokens: [1], position: 0, outputs: [0] }, 1)).rejects.toMatchObject({ code: "busy" });
    const { steps, tokens } = await prompt;
    expect(tokens).toBe(5);
    expect(steps.some(({ op }) => op === "attention_prefill")).toBe(true);
    await made.close();
  });
});
