import { describe, expect, it } from "vitest";
import { markdown, ratesTable, ratiosTable, warnings } from "./table.ts";
import type { EngineName, FileResult, Measurement, Report, Round } from "./types.ts";

function round(number: number, engine: EngineName, figures: Partial<Measurement>): Round {
  const measurement: Measurement = {
    version: `${engine} 1`,
    threads: 2,
    settings: { KV: "f16" },
    prefill: [],
    decode: [],
    firstToken: [],
    pageDecode: [],
    ...figures,
  };
  return { round: number, engine, measurement, loadBefore: 0.1 };
}

function report(...files: FileResult[]): Report {
  return {
    date: "2026-01-01T00:00:00.000Z",
    machine: { cpu: "Some CPU", cores: 4, system: "linux 6", browser: "Chromium 150" },
    task: { promptTokens: 64, generateTokens: 16, repetitions: 2, threads: 2, contextLength: 256, seed: 1 },
    files,
  };
}

const first: FileResult = {
  file: "a.gguf",
  bytes: 1,
  rounds: [
    round(1, "webgguf", { prefill: [400, 420], decode: [80], firstToken: [150], pageDecode: [79] }),
    round(1, "native", { prefill: [800], decode: [40] }),
    round(2, "native", { prefill: [820], decode: [40] }),
    round(2, "webgguf", { prefill: [410], decode: [80], firstToken: [160], pageDecode: [81] }),
  ],
};

const second: FileResult = {
  file: "b.gguf",
  bytes: 1,
  rounds: [
    round(1, "webgguf", { prefill: [100], decode: [5], pageDecode: [5] }),
    round(1, "native", { prefill: [50], decode: [10] }),
  ],
};

describe("ratesTable", () => {
  it("gives the median over all rounds with the extremes, and a dash where nothing was measured", () => {
    const lines = ratesTable(report(first)).split("\n");
    expect(lines[0]).toBe("| file | engine | pp64 | tg16 | first token, ms | tg16, page clock |");
    expect(lines[2]).toBe("| a.gguf | webgguf | 410 (400–420) | 80.0 (80.0–80.0) | 155 (150–160) | 80.0 (79.0–81.0) |");
    expect(lines[3]).toBe("| a.gguf | native | 810 (800–820) | 40.0 (40.0–40.0) | – | – |");
  });
});

describe("ratiosTable", () => {
  it("pairs by round even where the engines took turns in another order, and ends with the geometric mean", () => {
    const lines = ratiosTable(report(first, second))?.split("\n") ?? [];
    expect(lines[2]).toBe("| a.gguf | webgguf / native | 0.51× (0.50–0.51) | 2.00× (2.00–2.00) |");
    expect(lines[3]).toBe("| b.gguf | webgguf / native | 2.00× (2.00–2.00) | 0.50× (0.50–0.50) |");
    expect(lines[4]).toBe("| geometric mean | webgguf / native | 1.01× | 1.00× |");
  });

  it("is left out where webgguf or every peer is", () => {
    const alone = { ...first, rounds: first.rounds.filter(({ engine }) => engine === "native") };
    expect(ratiosTable(report(alone))).toBeUndefined();
  });
});

describe("warnings", () => {
  it("has none for a quiet, consistent run", () => {
    expect(warnings(report(first))).toEqual([]);
  });

  it("names failures, clocks that disagree, and a busy machine", () => {
    const bad: FileResult = {
      file: "c.gguf",
      bytes: 1,
      rounds: [
        { round: 1, engine: "wllama", error: "out of memory", loadBefore: 1.5 },
        round(1, "webgguf", { decode: [100], pageDecode: [50] }),
      ],
    };
    const lines = warnings(report(bad));
    expect(lines).toHaveLength(3);
    expect(lines[0]).toContain("c.gguf, round 1: wllama failed: out of memory");
    expect(lines[1]).toContain("webgguf says 100 tokens/s of decode, the page's clock says 50.0");
    expect(lines[2]).toContain("1.50");
  });
});

describe("markdown", () => {
  it("states machine, settings and versions above the tables", () => {
    const text = markdown(report(first));
    expect(text).toContain("Some CPU, 4 cores, linux 6, Chromium 150");
    expect(text).toContain("- native: native 1; 2 threads; KV f16");
    expect(text.indexOf("| file | engine |")).toBeGreaterThan(text.indexOf("- native"));
    expect(text).not.toContain("Mind:");
  });
});
