import { afterEach, describe, expect, it, vi } from "vitest";
import type { Model, ModelInfo, Webgguf } from "../core/api.ts";
import { WebggufError } from "../core/errors.ts";
import { type BenchEvent, type BenchTask, runBench } from "./run.ts";
import { checkReport } from "./schema.ts";
import type { BenchPlan, BenchReport, Machine } from "./types.ts";

const MACHINE: Machine = { browser: "Chromium 141", system: "Linux", logicalProcessors: 2, isolated: true };

const PLAN: BenchPlan = {
  set: "custom",
  opens: 2,
  rounds: 3,
  warmups: 1,
  prompt: [16, 4000],
  generate: [4],
  depths: [0, 8],
  firstToken: [16],
  tokenizer: true,
  vocabularies: [100],
  kernels: [{ kernel: "add", width: 64, tokens: 1 }],
};

/** A webgguf whose benchmarks answer at once, and which notes what it was asked for. */
class Pretended implements Webgguf {
  readonly calls: string[] = [];
  open_ = 0;
  onCall: (call: string) => void = () => {};

  #note(call: string): void {
    this.calls.push(call);
    this.onCall(call);
  }

  open: Webgguf["open"] = async (_, { onProgress, contextLength } = {}) => {
    this.#note("open");
    this.open_++;
    for (const stage of ["header", "tokenizer", "compile", "weights"] as const) {
      onProgress?.({ stage, loadedBytes: 0, totalBytes: 10 });
    }
    onProgress?.({ stage: "weights", loadedBytes: 10, totalBytes: 10 });
    const info = {
      quantization: "Q8_0",
      backend: "wasm",
      device: "CPU",
      threads: 2,
      fileBytes: 10,
      parameterCount: 10,
      contextLength,
      memoryBytes: { weights: 1, kv: 2, scratch: 3 },
      notes: ["a note"],
    } as unknown as ModelInfo;
    const model: Partial<Model> = {
      info,
      bench: async ({ promptTokens, generateTokens, firstTokenPrompt, contextDepth, repetitions, warmups } = {}) => {
        expect([repetitions, warmups]).toEqual([1, 0]);
        this.#note(`${promptTokens}/${generateTokens}/${firstTokenPrompt} @ ${contextDepth}`);
        const one = (tokens = 0, value: number) => (tokens > 0 ? [value] : []);
        return {
          promptTokens: 0,
          generateTokens: 0,
          contextDepth: 0,
          prefill: one(promptTokens, 100),
          decode: one(generateTokens, 10),
          firstToken: one(firstTokenPrompt, 5),
        };
      },
      benchTokenizer: async ({ text, repetitions = 0 }) => {
        const milliseconds = new Array<number>(repetitions).fill(2);
        return { bytes: text.length, tokens: 5, encode: milliseconds, decode: milliseconds };
      },
      generate: async function* (_prompt, { maxTokens = 0 } = {}) {
        const piece = { token: 5, text: "a" };
        for (let i = 0; i < maxTokens; i++) yield piece;
      },
      close: async () => {
        this.open_--;
      },
    };
    return model as Model;
  };
  renderTemplate = async () => "";
  benchKernels: Webgguf["benchKernels"] = async (specs, { repetitions = 0, ceilings = true } = {}) => {
    const samples = new Array<number>(repetitions).fill(3);
    return {
      backend: "wasm",
      device: "CPU",
      threads: 2,
      ...(ceilings && { ceilings: { copy: samples, read: samples, float32: samples } }),
      kernels: specs.map((spec) => ({ spec, microseconds: samples, bytes: 10, operations: 5, clock: "device" })),
    };
  };
  benchSampling: Webgguf["benchSampling"] = async ({ repetitions = 0 }) => ({
    milliseconds: new Array<number>(repetitions).fill(1),
  });
}

const task = (changes: Partial<BenchTask> = {}): BenchTask => ({
  name: "test",
  plan: PLAN,
  build: { version: "1" },
  machine: MACHINE,
  subjects: [{ name: "Tiny", synthetic: true, source: () => new Blob() }],
  devices: [{ backend: "wasm" }],
  contextLength: 64,
  ...changes,
});

async function collect(webgguf: Webgguf, changes: Partial<BenchTask> = {}) {
  const events: BenchEvent[] = [];
  for await (const event of runBench(webgguf, task(changes))) events.push(event);
  const last = events.at(-1);
  return { events, report: (last?.type === "report" && last.report) as BenchReport };
}

afterEach(() => vi.restoreAllMocks());

describe("runBench", () => {
  it("gives a report with every sample, which passes its own schema", async () => {
    const webgguf = new Pretended();
    const { report } = await collect(webgguf);
    expect(checkReport(JSON.parse(JSON.stringify(report)))).toEqual(report);
    const [model, kernels, sampling] = report.runs;
    const samples = Object.fromEntries(model.tests.map((test) => [test.id, test.samples]));
    expect(samples.pp16).toEqual([100, 100, 100, 100, 100, 100]);
    expect(samples["tg4 @ d8"]).toHaveLength(6);
    expect(samples.ttft16).toEqual([5, 5, 5, 5, 5, 5]);
    expect(samples.open).toHaveLength(2);
    const perOpening = [model, kernels].flatMap(({ tests }) =>
      tests.map(({ samples, samplesPerOpening = 1 }) => samples.length / samplesPerOpening),
    );
    expect(new Set(perOpening)).toEqual(new Set([2]));
    expect(samples["encode sentence"]).toEqual(new Array(6).fill(500));
    expect(model).toMatchObject({ type: "Q8_0", backend: "wasm", threads: 2, contextLength: 64, notes: ["a note"] });
    expect(model.skipped).toEqual(expect.arrayContaining(["pp4000: longer than the context of 64 tokens"]));
    expect(kernels.tests.map(({ id }) => id)).toContain("ceiling copy");
    expect(kernels.tests.at(-1)).toMatchObject({ id: "add 64, 1 token", unit: "µs", samples: [3, 3, 3, 3, 3, 3] });
    expect(sampling.tests.map(({ id }) => id)).toContain("greedy, 100 tokens");
    expect(report.warnings).toEqual([]);
    expect(webgguf.open_).toBe(0);
  });

  it("goes through the tests of a depth in turn, warm-ups first", async () => {
    const webgguf = new Pretended();
    await collect(webgguf);
    const round = (depth: number) => [`16/0/0 @ ${depth}`, `0/4/0 @ ${depth}`, `0/0/16 @ ${depth}`];
    const atDepth = (depth: number) => Array.from({ length: 4 }, () => round(depth)).flat();
    const opening = ["open", ...atDepth(0), ...atDepth(8)];
    expect(webgguf.calls).toEqual([...opening, ...opening]);
  });

  it("tells of its progress until nothing is left", async () => {
    const { events } = await collect(new Pretended());
    const progress = events.filter((event) => event.type === "progress");
    expect(progress[0]).toMatchObject({ done: 0, remainingMilliseconds: undefined, label: "Tiny wasm: open" });
    expect(progress.some(({ warmup }) => warmup)).toBe(true);
    const last = progress.at(-1);
    expect(last?.done).toBe((last?.total ?? 0) - 1);
    for (const { remainingMilliseconds } of progress.slice(1)) expect(remainingMilliseconds).toBeGreaterThanOrEqual(0);
    expect(events.filter(({ type }) => type === "sample").length).toBeGreaterThan(40);
  });

  it("measures an open model where it is, and leaves it open", async () => {
    const webgguf = new Pretended();
    const model = await webgguf.open(new Blob(), { contextLength: 64 });
    const { report } = await collect(webgguf, { subjects: [{ name: "Mine", source: model }] });
    expect(webgguf.open_).toBe(1);
    const { samples, samplesPerOpening } = report.runs[0].tests.find(({ id }) => id === "tg4") ?? {};
    expect([samples?.length, samplesPerOpening]).toEqual([6, 6]);
    expect(report.runs[0].tests.some(({ id }) => id.startsWith("open"))).toBe(false);
  });

  it("ends soon when it is stopped, with what there is, and leaves no model open", async () => {
    const webgguf = new Pretended();
    const stop = new AbortController();
    webgguf.onCall = () => webgguf.calls.length === 9 && stop.abort();
    const { report } = await collect(webgguf, { signal: stop.signal });
    expect(webgguf.calls).toHaveLength(9);
    expect(webgguf.open_).toBe(0);
    expect(report.runs).toHaveLength(1);
    expect(report.runs[0].tests.find(({ id }) => id === "pp16")?.samples.length).toBeGreaterThan(0);
    expect(report.warnings.map(({ code }) => code)).toEqual(["stopped"]);
  });

  it("closes the model when its consumer leaves", async () => {
    const webgguf = new Pretended();
    for await (const event of runBench(webgguf, task())) if (event.type === "sample" && event.test.id === "pp16") break;
    expect(webgguf.open_).toBe(0);
  });

  it("goes on after a subject that fails", async () => {
    const webgguf = new Pretended();
    webgguf.benchKernels = async () => {
      throw new WebggufError("device-unavailable", "No such device.");
    };
    const { report } = await collect(webgguf);
    expect(report.runs.map(({ kind, error }) => [kind, error])).toEqual([
      ["model", undefined],
      ["kernels", "No such device."],
      ["sampling", undefined],
    ]);
  });

  it("counts what a token allocates, without what a call does, where the surroundings can tell", async () => {
    const webgguf = new Pretended();
    let tokens = 0;
    webgguf.onCall = (call) => {
      tokens += Number(/^0\/(\d+)\/undefined @ undefined$/.exec(call)?.[1] ?? 0);
    };
    let since: number | undefined;
    const allocated = async () => {
      const bytes = { model: 5000 + 300 * (tokens - (since ?? 0)), page: 70 };
      since = since === undefined ? tokens : undefined;
      return bytes;
    };
    const { report } = await collect(webgguf, { probes: { allocated } });
    const found = report.runs[0].tests.filter(({ unit }) => unit === "bytes");
    expect(found.map(({ id, samples }) => [id, samples])).toEqual([
      ["heap per token", [300]],
      ["heap per token, generate", [0]],
      ["heap per token, page", [0]],
    ]);
    expect(checkReport(report)).toEqual(report);
    const without = await collect(new Pretended());
    expect(without.report.runs[0].tests.filter(({ unit }) => unit === "bytes")).toEqual([]);
    const short = await collect(new Pretended(), { probes: { allocated }, contextLength: 40 });
    expect(short.report.runs[0].tests.filter(({ unit }) => unit === "bytes")).toEqual([]);
  });

  it("warns when the page was hidden, others use the processor, isolation is missing, or it runs on a battery", async () => {
    const { report } = await collect(new Pretended(), {
      machine: { ...MACHINE, isolated: false, power: { charging: false, level: 0.5 } },
      probes: { hidden: () => true, load: () => 0.8 },
    });
    expect(report.warnings.map(({ code }) => code)).toEqual(["not-isolated", "power", "busy", "hidden"]);
  });

  it("warns of drift and of spread", async () => {
    const webgguf = new Pretended();
    // The first strategy, in the first sweep and in the second.
    const odd = new Map([
      [0, [1, 1.02, 1.3]],
      [8, [1.35, 1.6, 1.8]],
    ]);
    let times = 0;
    webgguf.benchSampling = async () => ({ milliseconds: odd.get(times++) ?? [5, 5, 5] });
    const { report } = await collect(webgguf);
    const messages = report.warnings.map(({ message }) => message);
    expect(messages).toEqual([
      "sampling: the last repetitions differ from the first in 1 of 8 tests, most in greedy, 100 tokens (68 % slower).",
      "sampling: the quartiles lie far apart in 1 of 8 tests, most in greedy, 100 tokens (34 %).",
    ]);
  });
});
