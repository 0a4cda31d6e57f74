import { describe, expect, it } from "vitest";
import { parseLlamaBench } from "./native.ts";

const task = { promptTokens: 128, generateTokens: 32, repetitions: 2, threads: 2, contextLength: 256, seed: 1 };

const entry = {
  build_commit: "abc",
  build_number: 7,
  n_threads: 2,
  n_gpu_layers: 0,
  backends: "CPU",
  type_k: "f16",
  type_v: "f16",
  flash_attn: -1,
};
const prompt = { ...entry, n_prompt: 128, n_gen: 0, samples_ts: [300, 310] };
const generation = { ...entry, n_prompt: 0, n_gen: 32, samples_ts: [80, 81] };

describe("parseLlamaBench", () => {
  it("takes prompt and generation tests by their sizes, not by their order", () => {
    const measurement = parseLlamaBench(JSON.stringify([generation, prompt]), task);
    expect(measurement.prefill).toEqual([300, 310]);
    expect(measurement.decode).toEqual([80, 81]);
    expect(measurement.settings["flash attention"]).toBe("auto");
    expect(measurement.version).toBe("llama.cpp abc (7), CPU");
  });

  it("refuses a run with other threads or other tests", () => {
    const threads = JSON.stringify([{ ...prompt, n_threads: 4 }, generation]);
    expect(() => parseLlamaBench(threads, task)).toThrow("4 threads; 2 were asked for");
    expect(() => parseLlamaBench(JSON.stringify([prompt]), task)).toThrow("no test with 0 prompt and 32 generated");
  });
});
