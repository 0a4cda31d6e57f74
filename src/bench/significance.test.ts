import { describe, expect, it } from "vitest";
import { holm, pairedT, welch } from "./significance.ts";

describe("welch", () => {
  it("is Student's test where both sides spread alike", () => {
    // Means 1 apart, both variances 2.5: t = 1 with 8 degrees of freedom.
    expect(welch([1, 2, 3, 4, 5], [2, 3, 4, 5, 6])).toBeCloseTo(0.346594, 6);
    expect(welch([2, 3, 4, 5, 6], [1, 2, 3, 4, 5])).toBeCloseTo(0.346594, 6);
  });

  it("goes by the wider side where they do not", () => {
    // Variances 1 and 100 over three: t = 10 / √(101/3), 2.04 degrees of freedom, taken for 2.
    const t = 10 / Math.sqrt(101 / 3);
    const twoDegrees = 1 - t / Math.sqrt(2 + t * t);
    expect(welch([-1, 0, 1], [0, 10, 20])).toBeCloseTo(twoDegrees, 12);
  });

  it("calls about one of twenty comparisons of the same thing different, and finds a shift", () => {
    let seed = 1;
    const random = () => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return seed / 2 ** 32;
    };
    const samples = (shift: number) => Array.from({ length: 5 }, () => random() + random() + shift);
    const share = (shift: number) => {
      let found = 0;
      for (let i = 0; i < 2000; i++) if (welch(samples(0), samples(shift)) < 0.05) found++;
      return found / 2000;
    };
    expect(share(0)).toBeGreaterThan(0.02);
    expect(share(0)).toBeLessThan(0.06);
    expect(share(1.2)).toBeGreaterThan(0.9);
  });

  it("knows nothing of fewer than two samples, and everything where there is no spread", () => {
    expect([welch([], [1, 2]), welch([1], [2, 3]), welch([1, 1], [1, 1])]).toEqual([1, 1, 1]);
    expect(welch([1, 1], [2, 2])).toBe(0);
  });
});

describe("pairedT", () => {
  /** Differences with the mean t · s / √n, s their deviation. */
  const withT = (t: number, n: number) => {
    const around = Array.from({ length: n }, (_, i) => i - (n - 1) / 2);
    const deviation = Math.sqrt(around.reduce((sum, one) => sum + one ** 2, 0) / (n - 1));
    return around.map((one) => one + (t * deviation) / Math.sqrt(n));
  };

  it("has the critical values of the tables", () => {
    for (const [t, degrees] of [
      [12.7062, 1],
      [4.30265, 2],
      [2.57058, 5],
      [2.44691, 6],
      [2.2281389, 10],
    ]) {
      expect(pairedT(withT(t, degrees + 1))).toBeCloseTo(0.05, 5);
      expect(pairedT(withT(-t, degrees + 1))).toBeCloseTo(0.05, 5);
    }
  });

  it("finds nothing where nothing is, and everything where there is no spread", () => {
    expect([pairedT([]), pairedT([1]), pairedT([0, 0, 0]), pairedT([1, -1])]).toEqual([1, 1, 1, 1]);
    expect(pairedT([0.1, 0.1, 0.1])).toBe(0);
  });
});

describe("holm", () => {
  it("multiplies each by how many are left, and keeps the order", () => {
    const adjusted = holm([0.01, 0.04, 0.03, 0.005]);
    for (const [i, expected] of [0.03, 0.06, 0.06, 0.02].entries()) expect(adjusted[i]).toBeCloseTo(expected, 12);
    expect(holm([0.6, 0.9])).toEqual([1, 1]);
    expect(holm([])).toEqual([]);
  });
});
