import { describe, expect, it } from "vitest";
import { rates, reportOf } from "../../src/bench/testing.ts";
import type { BenchTest } from "../../src/bench/types.ts";
import type { Report as PeersReport } from "../peers/types.ts";
import { goalsTable } from "./goals.ts";

const rowOf = (table: string, name: string) => table.split("\n").find((line) => line.startsWith(`| ${name}`));

describe("goalsTable", () => {
  it("says what was not measured", () => {
    const rows = goalsTable([]).split("\n").slice(2);
    expect(rows.length).toBeGreaterThan(10);
    for (const row of rows) expect(row).toMatch(/(not measured here.*|waits for the architecture: .*) \|$/);
    expect(rowOf(goalsTable([]), "embeddings")).toContain("waits for the architecture: gemma-embedding");
  });

  it("takes figures from all reports", () => {
    const milliseconds = (id: string, value: number): BenchTest => ({ id, unit: "ms", samples: [value], warmups: 0 });
    const heap: BenchTest = { id: "heap per token", unit: "bytes", samples: [800, 900, 5000], warmups: 1 };
    const large = reportOf([milliseconds("open header", 80), rates("tg32", [3]), heap]);
    large.runs[0].subject = "Qwen2.5 Coder 14B";
    const layer: BenchTest = {
      id: "layer Q4_K 5120, context 128, 1 token",
      unit: "µs",
      samples: [50_000],
      warmups: 1,
      bytes: 1,
      operations: 1,
    };
    const read: BenchTest = { id: "ceiling read", unit: "GB/s", samples: [21], warmups: 1 };
    const micro = (id: string, value: number): BenchTest => ({ id, unit: "µs", samples: [value], warmups: 1 });
    const products = [
      micro("matmul Q4_0 4096×4096, 1 token", 1000),
      micro("matmul Q4_0 4096×4096, 64 tokens", 20_000),
      micro("matmul Q8_0 4096×4096, 1 token", 2000),
      micro("naive product F32 4096×4096, 1 token", 30_000),
    ];
    const kernels = reportOf([]);
    kernels.runs = [
      { ...kernels.runs[0], kind: "kernels", subject: "kernels", type: undefined, tests: [read, layer, ...products] },
    ];
    const table = goalsTable([large, kernels]);
    expect(rowOf(table, "header of a 14B file")).toContain("under 106 ms | 80.0 ms (open header; Qwen2.5 Coder 14B");
    expect(rowOf(table, "48 such layers")).toContain("under 5 s | 2.40 s");
    expect(rowOf(table, "14B on the CPU")).toMatch(/3\.00 tokens\/s .*<br>memory allows 2\.00 tokens\/s at most/);
    expect(rowOf(table, "products beside naive ones")).toContain(
      "Q4_0 30.0×, Q8_0 15.0× the speed of three loops over F32 (4096×4096, 1 token; kernels",
    );
    expect(rowOf(table, "allocations per token")).toContain(
      "none in steady state | 900 bytes (heap per token; Qwen2.5",
    );
    expect(rowOf(table, "time to first token")).toContain("not measured here");
  });

  it("takes products beside llama.cpp's from the report of the peers", () => {
    const timings = (microseconds: number) => [{ type: "Q4_0" as const, tokens: 1, microseconds }];
    const measurement = (microseconds: number) => ({ version: "", threads: 2, timings: timings(microseconds) });
    const peers: PeersReport = {
      date: "2026-01-01T00:00:00.000Z",
      machine: { cpu: "Some CPU", cores: 4, system: "linux 6", browser: "Chromium 150" },
      task: { promptTokens: 64, generateTokens: 16, repetitions: 2, threads: 2, contextLength: 256, seed: 1 },
      files: [],
      products: {
        width: 14_336,
        out: 4096,
        rounds: [
          { round: 1, engine: "webgguf", measurement: measurement(2000), loadBefore: 0 },
          { round: 1, engine: "native", measurement: measurement(3000), loadBefore: 0 },
        ],
      },
    };
    expect(rowOf(goalsTable([], peers), "products beside llama.cpp's")).toContain(
      "Q4_0 1.50× (1.50–1.50) the speed of llama.cpp (14336×4096, 1 token, 2 threads) |",
    );
    expect(rowOf(goalsTable([]), "products beside llama.cpp's")).toContain("not measured here: `LLAMA_OPS=");
  });

  it("pairs answers with moving and with still counters", () => {
    const page = reportOf([rates("tg48, counters moving", [49, 20, 99]), rates("tg48, counters still", [50, 20, 100])]);
    page.runs[0].kind = "page";
    expect(rowOf(goalsTable([page]), "decode with moving counters")).toContain(
      "99.0 % (quartiles 98.5–99.5 of 3 pairs; Tiny Q8_0, wasm, 2 threads)",
    );
  });
});
