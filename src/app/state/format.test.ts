import { describe, expect, it } from "vitest";
import { formatBytes, formatCount, formatMilliseconds, formatRate, formatRoughly } from "./format.ts";

describe("numbers for people", () => {
  it("bytes keep three digits and move to the next unit in time", () => {
    expect([0, 999, 1000, 1185376, 99_960, 999_900, 4.7e9].map(formatBytes)).toEqual([
      "0 B",
      "999 B",
      "1.00 KB",
      "1.19 MB",
      "100 KB",
      "1.00 MB",
      "4.70 GB",
    ]);
  });

  it("counts of parameters", () => {
    expect([512, 292_800, 494_032_768, 7_615_616_512].map(formatCount)).toEqual(["512", "293 K", "494 M", "7.62 B"]);
  });

  it("times", () => {
    expect([0.42, 42, 999.7, 4200, 90_000, 3_720_000, undefined].map(formatMilliseconds)).toEqual([
      "420 µs",
      "42.0 ms",
      "1.00 s",
      "4.20 s",
      "1 min 30 s",
      "1 h 2 min",
      "–",
    ]);
  });

  it("guesses are rounded", () => {
    expect([10, 1860, 59_700, 90_400].map(formatRoughly)).toEqual(["1 s", "2 s", "1 min 0 s", "1 min 30 s"]);
  });

  it("rates that are not there yet are a dash", () => {
    expect([undefined, 0, Number.POSITIVE_INFINITY, 131.4, 8.75].map(formatRate)).toEqual([
      "–",
      "–",
      "–",
      "131",
      "8.75",
    ]);
  });
});
