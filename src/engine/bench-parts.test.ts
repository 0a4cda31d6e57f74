import { describe, expect, it } from "vitest";
import type { KernelSpec, KernelTiming } from "../core/api.ts";
import { createEngine, openModel } from "./index.ts";
import { PretendDevice, tinyFile } from "./testing.ts";

const engine = createEngine();
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "",
    (error: { code: string }) => error.code,
  );

const HEADS = { heads: 2, kvHeads: 1, headSize: 64 };

/** One of each. */
const SPECS: readonly KernelSpec[] = [
  { kernel: "matmul", dtype: "Q4_0", width: 256, out: 64, tokens: 1 },
  { kernel: "matmul", dtype: "Q6_K", width: 256, out: 64, tokens: 5 },
  { kernel: "embed", dtype: "Q8_0", width: 256, tokens: 3 },
  { kernel: "attention", ...HEADS, context: 200, tokens: 1 },
  { kernel: "attention", ...HEADS, context: 40, tokens: 7 },
  { kernel: "rope", heads: 2, headSize: 64, tokens: 2 },
  { kernel: "rms_norm", width: 64, tokens: 1 },
  { kernel: "glu", width: 64, tokens: 1 },
  { kernel: "add", width: 64, tokens: 9 },
  { kernel: "layer", dtype: "Q4_0", width: 256, feedForward: 512, ...HEADS, context: 20, tokens: 2 },
];

describe("benchKernels", () => {
  it.each(["wasm", "reference"] as const)("times every operation on the %s backend", async (backend) => {
    const told: KernelTiming[] = [];
    const onProgress = (timing: KernelTiming) => told.push(timing);
    const specs = backend === "wasm" ? SPECS : SPECS.slice(2, 4);
    const options = { backend, threads: 2, repetitions: 2, ceilings: false, onProgress };
    const result = await engine.benchKernels(specs, options);
    expect(result.backend).toBe(backend);
    expect(result.kernels).toEqual(told);
    expect(result.kernels.map(({ spec }) => spec)).toEqual(specs);
    for (const { error, microseconds, bytes, operations, clock } of result.kernels) {
      expect(error).toBeUndefined();
      expect(clock).toBe(backend === "wasm" ? "device" : "wall");
      expect(microseconds).toHaveLength(2);
      for (const value of [...microseconds, bytes, operations]) expect(value).toBeGreaterThan(0);
    }
  });

  it("counts what a call costs", async () => {
    const { kernels } = await engine.benchKernels(SPECS, { backend: "wasm", repetitions: 1, ceilings: false });
    const cost = kernels.map(({ bytes, operations }) => [bytes, operations]);
    // 256 · 64 weights in blocks of 32 in 18 bytes; a row in and one out; a multiplication and an addition for each weight.
    expect(cost[0]).toEqual([(256 * 64 * 18) / 32 + 4 * (256 + 64), 2 * 256 * 64]);
    // 200 positions of 64 halves of keys and of values; two heads.
    expect(cost[3]).toEqual([200 * 2 * 2 * 64 + 4 * 2 * 128, 200 * 4 * 128]);
    // Tokens 34 … 40 see 34 … 40 positions.
    expect(cost[4][1]).toBe((34 + 35 + 36 + 37 + 38 + 39 + 40) * 4 * 128);
  });

  it("measures what the machine does at most", async () => {
    const { ceilings, threads } = await engine.benchKernels([], { backend: "wasm", threads: 2, repetitions: 2 });
    expect(threads).toBe(2);
    for (const samples of [ceilings?.copy, ceilings?.read, ceilings?.float32, ceilings?.int8]) {
      expect(samples).toHaveLength(2);
      // Between a very slow machine and what none does.
      for (const value of samples ?? []) expect(value).toBeGreaterThan(0.01);
      for (const value of samples ?? []) expect(value).toBeLessThan(100_000);
    }
  });

  it("goes on after an operation that the device cannot do", async () => {
    const pretended = new PretendDevice();
    let compiled = 0;
    const { backend } = await pretended.environment.selectBackend("auto", {});
    const failing = {
      ...backend,
      compile: async (...args: Parameters<typeof backend.compile>) => {
        if (compiled++ === 0) throw new Error("It has no such kernel.");
        return backend.compile(...args);
      },
    };
    const selectBackend = async () => ({ backend: failing, notes: [] });
    const result = await createEngine({ selectBackend }).benchKernels(SPECS.slice(6, 8), { repetitions: 1 });
    expect(result.kernels.map(({ error }) => error)).toEqual(["It has no such kernel.", undefined]);
  });

  it("refuses what is no operation, before anything is measured", async () => {
    const bad: Partial<Record<string, unknown>>[] = [
      { ...SPECS[0], width: 100 },
      { ...SPECS[0], dtype: "Q9" },
      { ...SPECS[0], tokens: 0 },
      { ...SPECS[0], tokens: 129 },
      { ...SPECS[0], out: 2 ** 30 },
      { ...SPECS[3], context: 1.5 },
      { ...SPECS[4], context: 6 },
      { ...SPECS[3], kvHeads: 3 },
      { kernel: "sort", width: 64, tokens: 1 },
      { kernel: "matmul", dtype: "Q4_0", tokens: 1 },
    ];
    for (const spec of bad) {
      expect(await codeOf(engine.benchKernels([spec as KernelSpec], { backend: "wasm" })), JSON.stringify(spec)).toBe(
        "invalid-argument",
      );
    }
  });

  it("stops on the signal", async () => {
    expect(await codeOf(engine.benchKernels(SPECS, { backend: "wasm", signal: AbortSignal.abort() }))).toBe("aborted");
  });
});

describe("benchSampling", () => {
  it("times the choice of a token", async () => {
    const { milliseconds } = await engine.benchSampling({ vocabularySize: 1000, sampling: {}, repetitions: 3 });
    expect(milliseconds).toHaveLength(3);
    for (const value of milliseconds) expect(value).toBeGreaterThan(0);
  });

  it("refuses sizes that no vocabulary has, and options out of range", async () => {
    const sampling = {};
    expect(await codeOf(engine.benchSampling({ vocabularySize: 2 ** 40, sampling }))).toBe("invalid-argument");
    expect(await codeOf(engine.benchSampling({ vocabularySize: 0, sampling }))).toBe("invalid-argument");
    expect(await codeOf(engine.benchSampling({ vocabularySize: 9, sampling: { topP: 2 } }))).toBe("invalid-argument");
    expect(await codeOf(engine.benchSampling({ vocabularySize: 9, sampling, repetitions: -1 }))).toBe(
      "invalid-argument",
    );
  });
});

describe("benchTokenizer", () => {
  it("times both ways, on a model that is busy with nothing else", async () => {
    const model = await openModel(tinyFile({ vocabularyOnly: true }));
    const result = await model.benchTokenizer({ text: "abcé", repetitions: 2 });
    expect(result).toMatchObject({ bytes: 5, tokens: 5 });
    for (const samples of [result.encode, result.decode]) {
      expect(samples).toHaveLength(2);
      for (const value of samples) expect(value).toBeGreaterThan(0);
    }
    expect(await codeOf(model.benchTokenizer({ text: 5 as never }))).toBe("invalid-argument");
  });
});

describe("bench behind a context", () => {
  it("fills the depth once, with what is there already, and leaves it", async () => {
    const device = new PretendDevice();
    const model = await openModel(tinyFile(), { contextLength: 64 }, device.environment);
    const options = { promptTokens: 5, generateTokens: 0, contextDepth: 20, repetitions: 2, warmups: 0 };
    const { prefill, contextDepth } = await model.bench(options);
    expect([prefill.length, contextDepth]).toEqual([2, 20]);
    expect(device.runs).toEqual([
      { position: 0, count: 20 },
      { position: 20, count: 5 },
      { position: 20, count: 5 },
    ]);
    const { decode } = await model.bench({ ...options, promptTokens: 0, generateTokens: 2, repetitions: 1 });
    expect(decode).toHaveLength(1);
    expect(device.runs.slice(3)).toEqual([
      { position: 20, count: 1 },
      { position: 21, count: 1 },
    ]);
    expect(await codeOf(model.bench({ ...options, contextDepth: 60 }))).toBe("context-full");
    await model.close();
  });

  it("times the first token of a prompt", async () => {
    const device = new PretendDevice();
    const model = await openModel(tinyFile(), { contextLength: 64 }, device.environment);
    const options = { promptTokens: 0, generateTokens: 0, firstTokenPrompt: 7, repetitions: 3, warmups: 2 };
    const { firstToken, prefill, decode } = await model.bench(options);
    expect([firstToken.length, prefill, decode]).toEqual([3, [], []]);
    expect(device.runs).toEqual(new Array(5).fill({ position: 0, count: 7 }));
    await model.close();
  });
});
