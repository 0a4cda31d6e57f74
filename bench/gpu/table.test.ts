import { describe, expect, it } from "vitest";
import type { Measured } from "../../src/backends/webgpu/ceilings.ts";
import { ceilingsTable, decodeTable, failures, markdown, memoryTable, prefillTable } from "./table.ts";
import type { GpuReport } from "./types.ts";

const measured = (...samples: number[]): Measured => ({ samples, form: "one" });

const REPORT: GpuReport = {
  date: "2026-01-01T00:00:00Z",
  device: {
    adapter: { vendor: "somebody", description: "" },
    features: ["subgroups", "timestamp-query"],
    languageFeatures: [],
    limits: { maxBufferSize: 1024 },
    variants: ["subgroups"],
    system: "linux",
  },
  ceilings: {
    copy: measured(900, 1000, 1100),
    read: measured(950),
    f32: measured(20_000),
    int8: measured(80_000),
    bytes: 512e6,
    clock: "timestamps",
  },
  ops: [
    { name: "matmul Q4_K 512×40", deviation: 0.001, tolerance: 0.01 },
    { name: "rope", deviation: Number.NaN, tolerance: 0.01 },
  ],
  golden: [{ name: "tiny", run: "one batch", prompt: 0.01, long: 0.2, limit: 0.03, greedyErrors: 0 }],
  models: [
    {
      model: "tiny",
      mix: "Q4_0",
      figures: {
        notes: ["all tuned"],
        contextLength: 100,
        weightBytes: 1e9,
        memoryBytes: { weights: 1.8e9, kv: 0.2e9, scratch: 0.1e9 },
        peakBytes: 2.12e9,
        compileMilliseconds: 10,
        loadMilliseconds: 2500,
        decode: [{ depth: 0, tokens: 64, rates: [600, 700, 500], bytesPerToken: 1e9 }],
        prefill: { tokens: 512, rates: [5120], firstToken: [100], operations: 1e12 },
        dispatchesPerToken: 18,
        bytesReadPerToken: 4,
        buffersCreated: 0,
        bindGroupsCreated: 0,
      },
    },
    { model: "llama-3.1-8b", mix: "Q8_0", error: "no room" },
  ],
};

describe("the report of bench:gpu", () => {
  it("has decoding as a share of the copy bandwidth", () => {
    const [, , row] = decodeTable(REPORT).split("\n");
    expect(row).toBe("| tiny | Q4_0 | 0 | 600 (500–700) | 600 | 60 % | – | 18 | 4.00 | 0/0 |");
  });

  it("has the prompt as a share of each arithmetic ceiling that was measured", () => {
    const [, , row] = prefillTable(REPORT).split("\n");
    expect(row).toBe("| tiny | Q4_0 | 5120 (5120–5120) | 10.0 | 50 % | – | 13 % | 100 (100–100) | 2.50 |");
  });

  it("has the memory, and what is neither weights nor cache", () => {
    const [, , row] = memoryTable(REPORT).split("\n");
    expect(row).toBe("| tiny | Q4_0 | 100 | 1.800 | 0.200 | 0.100 | 2.120 | 6 % |");
  });

  it("has the ceilings that there are", () => {
    expect(ceilingsTable(REPORT.ceilings!).split("\n")).toHaveLength(6);
  });

  it("names what failed, not a number included", () => {
    const lines = failures(REPORT);
    expect(lines).toHaveLength(3);
    expect(lines[0]).toContain("op case rope");
    expect(lines[1]).toContain("golden tiny");
    expect(lines[2]).toBe("llama-3.1-8b Q8_0: no room");
    expect(markdown(REPORT)).toContain("op cases: 1 of 2 agree");
    expect(markdown(REPORT)).toContain("- tiny Q4_0: all tuned");
    expect(markdown(REPORT)).toContain("Failed:\n\n- op case rope");
  });
});
