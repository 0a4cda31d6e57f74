import { describe, expect, it } from "vitest";
import { measureCeilings } from "../../src/backends/webgpu/ceilings.ts";
import { Gpu } from "../../src/backends/webgpu/gpu.ts";
import { createWebgpuBackend } from "../../src/backends/webgpu/index.ts";
import { median } from "../../src/bench/statistics.ts";
import type { KernelSpec } from "../../src/core/api.ts";
import { createEngine } from "../../src/engine/index.ts";
import { dawnGpu, deviceFacts } from "./device.ts";
import { measureModel } from "./models.ts";

const place = process.env.WEBGPU_PACKAGE;

describe.skipIf(!place)("the GPU that Node has", () => {
  it("is described, and what it can do at most is measured", async () => {
    const gpu = await dawnGpu(place, []);
    const facts = await deviceFacts(gpu);
    expect(facts.limits.maxBufferSize).toBeGreaterThan(0);
    const opened = await Gpu.open(gpu);
    const ceilings = await measureCeilings(opened, { bytes: 1 << 20, repetitions: 2 });
    opened.close();
    expect(ceilings.bytes).toBe(1 << 20);
    for (const { samples, form } of [ceilings.copy, ceilings.read, ceilings.f32]) {
      expect(form).not.toBe("");
      expect(samples).toHaveLength(2);
      expect(median(samples)).toBeGreaterThan(0);
    }
    expect(ceilings.int8 !== undefined).toBe(facts.variants.includes("packed"));
    expect(ceilings.f16 !== undefined).toBe(facts.variants.includes("f16"));
  });

  it("runs a synthetic model, and the figures hang together", async () => {
    const backend = await createWebgpuBackend({ gpu: await dawnGpu(place, []), check: false, tune: false });
    const task = { depths: [0, 8], promptTokens: 8, generateTokens: 4, repetitions: 2 };
    const figures = await measureModel(backend, "tiny", "Q8_0", task);
    await backend.close();
    const [atOnce, later] = figures.decode;
    expect(atOnce.rates).toHaveLength(2);
    expect(later.depth).toBe(8);
    expect(later.bytesPerToken).toBeGreaterThan(atOnce.bytesPerToken);
    expect(figures.prefill.firstToken).toHaveLength(2);
    expect(figures).toMatchObject({ bytesReadPerToken: 4, buffersCreated: 0, bindGroupsCreated: 0 });
    const { weights, kv, scratch } = figures.memoryBytes;
    expect(figures.peakBytes).toBeGreaterThanOrEqual(weights + kv + scratch);
    const { profile } = later;
    if (!profile) return;
    expect(profile.rows.reduce((sum, row) => sum + row.steps, 0)).toBe(figures.dispatchesPerToken);
    // What the kernels say they read is what the model has to read.
    const known = profile.rows.reduce((sum, row) => sum + (row.gigabytesPerSecond ?? 0) * row.microseconds * 1e3, 0);
    expect(known / later.bytesPerToken).toBeCloseTo(1, 1);
  });

  it("times single operations", async () => {
    const backend = await createWebgpuBackend({ gpu: await dawnGpu(place, []), check: false, tune: false });
    const engine = createEngine({ selectBackend: async () => ({ backend, notes: [] }) });
    const heads = { heads: 2, kvHeads: 1, headSize: 64, context: 20 };
    const specs: KernelSpec[] = [
      { kernel: "matmul", dtype: "Q4_0", width: 256, out: 64, tokens: 1 },
      { kernel: "embed", dtype: "Q8_0", width: 256, tokens: 3 },
      { kernel: "attention", ...heads, tokens: 1 },
      { kernel: "rope", heads: 2, headSize: 64, tokens: 2 },
      { kernel: "rms_norm", width: 64, tokens: 2 },
      { kernel: "glu", width: 64, tokens: 1 },
      { kernel: "add", width: 64, tokens: 1 },
      { kernel: "layer", dtype: "Q4_0", width: 256, feedForward: 512, ...heads, tokens: 2 },
    ];
    const { kernels, threads } = await engine.benchKernels(specs, { repetitions: 2, ceilings: false });
    expect(threads).toBe(0);
    expect(kernels.map(({ error }) => error)).toEqual(specs.map(() => undefined));
    for (const { microseconds } of kernels) for (const value of microseconds) expect(value).toBeGreaterThan(0);
  });
});

it("says where Node finds a GPU when it is not told", async () => {
  await expect(dawnGpu(undefined, [])).rejects.toThrow(/WEBGPU_PACKAGE is not set/);
  await expect(dawnGpu("/nowhere", [])).rejects.toThrow(/WEBGPU_PACKAGE=\/nowhere cannot be loaded/);
});
