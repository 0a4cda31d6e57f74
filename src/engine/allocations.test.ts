import { Session } from "node:inspector";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { EVERY_ALLOCATION, type SamplingProfile, sampledBytes } from "../../bench/run/heap-profile.ts";
import { ggufBytes } from "../gguf/writer.ts";
import { pureChoice } from "../synthetic/mixes.ts";
import { syntheticModel } from "../synthetic/model.ts";
import { SHAPES } from "../synthetic/shapes.ts";
import { createEngine } from "./index.ts";

const inspector = new Session();
beforeAll(() => inspector.connect());
afterAll(() => inspector.disconnect());

const post = <T = unknown>(method: string, params: object = {}) =>
  new Promise<T>((resolve, reject) =>
    inspector.post(method, params, (error, result) => (error ? reject(error) : resolve(result as T))),
  );

/** Bytes that JavaScript allocates while `work` runs, in this thread; what array buffers hold counts as far as it grows. */
async function allocatedBytes(work: () => Promise<unknown>): Promise<number> {
  await post("HeapProfiler.collectGarbage");
  const { arrayBuffers } = process.memoryUsage();
  await post("HeapProfiler.startSampling", EVERY_ALLOCATION);
  await work();
  const { profile } = await post<{ profile: SamplingProfile }>("HeapProfiler.stopSampling");
  return sampledBytes(profile) + Math.max(0, process.memoryUsage().arrayBuffers - arrayBuffers);
}

const [SHORT, LONG] = [8, 72];

/** Bytes for each token that an answer is longer by; the least of some tries, since compilers allocate now and then. */
async function bytesPerToken(answer: (tokens: number) => Promise<unknown>): Promise<number> {
  for (let i = 0; i < 4; i++) await answer(LONG);
  const tries: number[] = [];
  for (let i = 0; i < 3; i++) {
    const [short, long] = [await allocatedBytes(() => answer(SHORT)), await allocatedBytes(() => answer(LONG))];
    tries.push((long - short) / (LONG - SHORT));
  }
  return Math.min(...tries);
}

/** Per token of steps and of `generate`, on the CPU path. */
async function measured(vocabularySize: number, layers: number) {
  const shape = { ...SHAPES.tiny, vocabularySize, layers };
  const file = new File([ggufBytes(syntheticModel(shape, { types: pureChoice("Q4_0") }))], "tiny.gguf");
  const model = await createEngine().open(file, { backend: "wasm", threads: 2, contextLength: 128 });
  try {
    const decode = await bytesPerToken((generateTokens) =>
      model.bench({ promptTokens: 0, generateTokens, repetitions: 1, warmups: 0 }),
    );
    const generate = await bytesPerToken(async (maxTokens) => {
      for await (const _ of model.generate([1, 2, 3], { maxTokens, temperature: 0, ignoreEos: true }));
    });
    return { decode, generate };
  } finally {
    await model.close();
  }
}

describe("a token in steady state", () => {
  it("is counted with all that it allocates", async () => {
    const rows: Float32Array[] = [];
    const bytes = await bytesPerToken(async (tokens) => {
      for (let i = 0; i < tokens; i++) rows.push(new Float32Array(1000));
    });
    expect(bytes).toBeGreaterThan(4000);
    expect(bytes).toBeLessThan(6000);
  });

  it("allocates a few kilobytes for promises and messages, and nothing by the size of model or vocabulary", async () => {
    const grow = vi.spyOn(WebAssembly.Memory.prototype, "grow");
    const small = await measured(1024, 2);
    const large = await measured(32_000, 6);
    console.log("bytes per token:", small, large);
    for (const { decode, generate } of [small, large]) {
      expect(decode).toBeLessThan(6000);
      expect(generate).toBeLessThan(10_000);
    }
    // Logits alone would be 124,000 bytes more; four layers more have some dozen steps more.
    expect(large.decode - small.decode).toBeLessThan(1500);
    expect(large.generate - small.generate).toBeLessThan(1500);
    expect(grow).not.toHaveBeenCalled();
  });
});
