import { describe, expect, it } from "vitest";
import { table, warnings } from "./table.ts";
import type { Report, Round, Subject } from "./types.ts";

const round = (
  n: number,
  subject: Subject,
  prefill: number,
  decode: number,
  build: Round["build"] = "after",
): Round => ({
  round: n,
  subject,
  build,
  measurement: { prefill: [prefill], decode: [decode], threads: 2, simd: "relaxed", userAgent: "A/1" },
  loadBefore: 0,
});

const report = (rounds: Round[]): Report => ({
  date: "2026-01-01T00:00:00.000Z",
  machine: { cpu: "Some CPU", cores: 2, system: "linux 6" },
  task: { promptTokens: 128, generateTokens: 32, repetitions: 1, contextLength: 256 },
  files: [{ file: "a.gguf", bytes: 1, rounds }],
});

describe("table", () => {
  it("has ratios to the first engine, round by round", () => {
    const lines = table(
      report([
        round(1, "firefox", 50, 10),
        round(1, "chromium", 100, 20),
        round(2, "chromium", 200, 20),
        round(2, "firefox", 100, 20),
      ]),
    ).split("\n");
    expect(lines[0]).toContain("pp128 / chromium");
    expect(lines[3]).toBe(
      "| a.gguf | firefox | 2 | relaxed | 75.0 (50.0–100) | 0.50× (0.50–0.50) | 15.0 (10.0–20.0) | 0.75× (0.50–1.00) |",
    );
  });

  it("compares builds where there are two", () => {
    const lines = table(report([round(1, "webkit", 10, 5, "before"), round(1, "webkit", 20, 5)])).split("\n");
    expect(lines[0]).toContain("pp128 after / before");
    expect(lines[2]).toContain("| 20.0 (20.0–20.0) | 2.00× (2.00–2.00) |");
  });
});

describe("warnings", () => {
  it("names failures and a busy machine", () => {
    const failed: Round = { round: 1, subject: "webkit", build: "after", error: "No answer", loadBefore: 1 };
    expect(warnings(report([failed]))).toEqual([
      "a.gguf, round 1: webkit failed: No answer",
      "The load average was 1.00 before the run: the machine was not idle.",
    ]);
  });
});
