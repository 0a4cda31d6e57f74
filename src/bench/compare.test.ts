import { describe, expect, it } from "vitest";
import { compareReports, regressions } from "./compare.ts";
import { comparisonMarkdown, figure, reportMarkdown } from "./markdown.ts";
import { rates, reportOf } from "./testing.ts";
import type { BenchTest } from "./types.ts";

const EIGHT = [100, 101, 99, 102, 98, 100.5, 99.5, 101.5];
const scaled = (factor: number) => EIGHT.map((value) => value * factor);

describe("compareReports", () => {
  it("calls only what is significant a difference", () => {
    const a = reportOf([rates("pp128", EIGHT), rates("tg32", EIGHT)]);
    const b = reportOf([rates("pp128", scaled(0.9)), rates("tg32", [...EIGHT].reverse())]);
    const { rows, differences } = compareReports(a, b);
    expect(rows.map(({ test, verdict }) => [test, verdict])).toEqual([
      ["pp128", "slower"],
      ["tg32", "same"],
    ]);
    expect(rows[0].speed).toBeCloseTo(0.9, 10);
    expect(rows[0].p).toBeLessThan(0.001);
    expect(differences).toEqual([]);
  });

  it("takes less time for faster", () => {
    const times = (samples: number[]): BenchTest => ({ id: "open", unit: "ms", samples, warmups: 0 });
    const { rows } = compareReports(reportOf([times(EIGHT)]), reportOf([times(scaled(0.5))]));
    expect(rows[0]).toMatchObject({ verdict: "faster", speed: 2 });
  });

  it("says where samples are too few for any verdict", () => {
    const { rows } = compareReports(reportOf([rates("tg32", [1, 2, 3])]), reportOf([rates("tg32", [10, 11, 12])]));
    expect(rows[0].verdict).toBe("too-few");
  });

  it("lists what one of them lacks", () => {
    const { rows } = compareReports(reportOf([rates("pp32", EIGHT)]), reportOf([rates("pp64", EIGHT)]));
    expect(rows.map(({ test, verdict }) => [test, verdict])).toEqual([
      ["pp32", "only-a"],
      ["pp64", "only-b"],
    ]);
  });

  it("never takes runs on other threads for each other", () => {
    const a = reportOf([rates("tg32", EIGHT)]);
    const b = reportOf([rates("tg32", scaled(0.5))]);
    b.runs[0].threads = 1;
    expect(compareReports(a, b).rows.map(({ verdict }) => verdict)).toEqual(["only-a", "only-b"]);
  });

  it("counts openings, not samples: those of one opening resemble each other", () => {
    // Each opening has its own speed, and three samples that hardly differ.
    const openings = (speeds: number[]): BenchTest => ({
      ...rates(
        "tg32",
        speeds.flatMap((speed) => [speed, speed * 1.001, speed * 0.999]),
      ),
      samplesPerOpening: 3,
    });
    const [a, b] = [openings([100, 104, 96, 101, 103]), openings([103, 105, 99, 106, 104])];
    const verdictOf = (...tests: [BenchTest, BenchTest]) =>
      compareReports(reportOf([tests[0]]), reportOf([tests[1]])).rows[0].verdict;
    expect(verdictOf(a, b)).toBe("same");
    expect(verdictOf({ ...a, samplesPerOpening: 1 }, { ...b, samplesPerOpening: 1 })).toBe("faster");
    expect(verdictOf(a, openings([120, 122, 119, 124, 121]))).toBe("faster");
    expect(verdictOf(openings([100, 104, 96]), openings([200, 204, 206]))).toBe("too-few");
  });

  it("says how machines differ", () => {
    const a = reportOf([]);
    const b = reportOf([], { machine: { ...a.machine, logicalProcessors: 8, cpu: "Another" } });
    expect(compareReports(a, b).differences).toEqual([
      "processor: not known and Another",
      "logical processors: 2 and 8",
    ]);
  });
});

describe("the machine's own speed", () => {
  const ceiling = (factor: number): BenchTest => ({
    id: "ceiling float32",
    unit: "GFLOP/s",
    samples: scaled(factor),
    warmups: 1,
  });
  const times = (factor: number): BenchTest => ({ id: "open", unit: "ms", samples: scaled(factor), warmups: 0 });

  it("is told when the ceilings changed", () => {
    const { drift } = compareReports(reportOf([ceiling(1)]), reportOf([ceiling(0.8)]));
    expect(drift).toEqual([
      expect.stringMatching(/^Tiny Q8_0, wasm, 2 threads, ceiling float32: 100\.\d and 80\.\d GFLOP\/s$/),
    ]);
    expect(compareReports(reportOf([ceiling(1)]), reportOf([ceiling(0.995)])).drift).toEqual([]);
  });

  it("is not taken for the program's: a difference must be larger, either way", () => {
    const a = reportOf([ceiling(1), rates("pp", EIGHT), rates("tg", EIGHT), rates("up", EIGHT), times(1)]);
    const b = reportOf([
      ceiling(0.8),
      rates("pp", scaled(0.82)),
      rates("tg", scaled(0.7)),
      rates("up", scaled(1.4)),
      times(1.6),
    ]);
    expect(compareReports(a, b).rows.map(({ test, verdict }) => [test, verdict])).toEqual([
      ["ceiling float32", "machine"],
      ["pp", "machine"],
      ["tg", "slower"],
      ["up", "faster"],
      ["open", "slower"],
    ]);
  });
});

describe("results measured in turn", () => {
  const plan = { set: "quick", opens: 6, rounds: 2, warmups: 1 } as const;
  /** Two samples for each of six openings, at the speed the machine had just then. */
  const drifting = (speed: number) =>
    [1, 0.7, 1.3, 0.9, 0.6, 1.1].flatMap((machine, i) =>
      [-1, 1].map((sign) => 100 * machine * speed * (1 + sign * 0.01 + (i % 3) * 0.002)),
    );
  const turns = "0";
  const each = (id: string, samples: number[]): BenchTest => ({ ...rates(id, samples), samplesPerOpening: 2 });

  it("are compared sample by sample, whatever the machine did between them", () => {
    const a = reportOf([each("pp", drifting(1)), each("tg", drifting(1))], { plan, turns });
    const noisy = drifting(1).map((value, i) => value * (1 + 0.01 * Math.sin(i >> 1)));
    const b = reportOf([each("pp", drifting(0.93)), each("tg", noisy)], { plan, turns });
    const { rows, inTurn } = compareReports(a, b);
    expect(inTurn).toBe(true);
    expect(rows.map(({ verdict }) => verdict)).toEqual(["slower", "same"]);
    expect(rows[0].speed).toBeCloseTo(0.93, 10);
    // Of different times, the same samples tell nothing.
    const apart = compareReports({ ...a, turns: undefined }, b);
    expect(apart.rows.map(({ verdict }) => verdict)).toEqual(["same", "same"]);
  });

  it("need four openings", () => {
    const three = { ...plan, opens: 3 };
    const a = reportOf([each("pp", drifting(1).slice(0, 6))], { plan: three, turns });
    const b = reportOf([each("pp", drifting(0.5).slice(0, 6))], { plan: three, turns });
    expect(compareReports(a, b).rows[0].verdict).toBe("too-few");
  });
});

describe("regressions", () => {
  it("are significant and beyond the bound", () => {
    const a = reportOf([rates("a", EIGHT), rates("b", EIGHT), rates("c", EIGHT)]);
    const b = reportOf([rates("a", scaled(0.9)), rates("b", scaled(0.96)), rates("c", scaled(1.5))]);
    const comparison = compareReports(a, b);
    expect(regressions(comparison, 5).map(({ test }) => test)).toEqual(["a"]);
    expect(regressions(comparison, 3).map(({ test }) => test)).toEqual(["a", "b"]);
  });
});

describe("markdown", () => {
  it("prints a report", () => {
    const kernel: BenchTest = {
      id: "matmul Q4_0 4096×4096, 1 token",
      unit: "µs",
      samples: [1000, 1000, 1000],
      warmups: 1,
      bytes: 9.4e6,
      operations: 33.6e6,
    };
    const gigabytes: BenchTest = { id: "ceiling read", unit: "GB/s", samples: [18.8], warmups: 1 };
    const report = reportOf([rates("tg32", EIGHT)], { warnings: [{ code: "busy", message: "Others ran." }] });
    report.runs.push({
      ...report.runs[0],
      kind: "kernels",
      subject: "kernels",
      type: undefined,
      tests: [gigabytes, kernel],
    });
    const text = reportMarkdown(report);
    expect(text).toContain("### Tiny Q8_0, wasm, 2 threads");
    expect(text).toContain("| tg32 | tokens/s | 100 | 99.4–101 | 8 |");
    expect(text).toContain("| matmul Q4_0 4096×4096, 1 token | µs | 1000 | 1000–1000 | 3 | 9.40 | 33.6 | 50 % |");
    expect(text).toContain("- Others ran.");
    expect(text).toContain("- left out: pp512: longer than the context of 160 tokens");
    expect(text).toContain("webgguf 0.1.0 abc1234. 2 logical processors, Linux x86_64, Chromium 141.0.");
  });

  it("prints a comparison", () => {
    const text = comparisonMarkdown(
      compareReports(reportOf([rates("tg32", EIGHT)]), reportOf([rates("tg32", scaled(0.8))])),
    );
    expect(text).toContain(
      "| Tiny Q8_0, wasm, 2 threads | tg32 | tokens/s | 100 | 80.2 | −20.0 % | < 0.001 | slower |",
    );
    expect(text).toContain("1 of 1 tests differ significantly");
  });

  it("shows three digits", () => {
    expect([0, 1234.5, 123.45, 12.345, 1.2345, 0.012345, 0.00001, Number.NaN].map(figure)).toEqual([
      "0",
      "1235",
      "123",
      "12.3",
      "1.23",
      "0.0123",
      "1.0e-5",
      "–",
    ]);
  });
});
