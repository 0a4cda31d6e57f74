import { type BenchReport, type BenchRun, type BenchTest, SCHEMA } from "./types.ts";

/** For tests: a report of one run on a model. */
export function reportOf(tests: BenchTest[], changes: Partial<BenchReport> = {}): BenchReport {
  const run: BenchRun = {
    kind: "model",
    subject: "Tiny",
    type: "Q8_0",
    backend: "wasm",
    device: "CPU, relaxed SIMD, 2 threads",
    threads: 2,
    synthetic: true,
    fileBytes: 3_000_000,
    parameterCount: 2_000_000,
    contextLength: 160,
    memoryBytes: { weights: 3e6, kv: 1e5, scratch: 2e6, heap: 1e7 },
    tests,
    skipped: ["pp512: longer than the context of 160 tokens"],
    notes: [],
  };
  return {
    schema: SCHEMA,
    name: "before",
    date: "2026-05-04T12:00:00.000Z",
    build: { version: "0.1.0", commit: "abc1234" },
    machine: { browser: "Chromium 141.0", system: "Linux x86_64", logicalProcessors: 2, isolated: true },
    plan: { set: "quick", opens: 4, rounds: 2, warmups: 1 },
    runs: [run],
    warnings: [],
    ...changes,
  };
}

export const rates = (id: string, samples: number[]): BenchTest => ({ id, unit: "tokens/s", samples, warmups: 1 });
