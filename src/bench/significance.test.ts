import { describe, expect, it } from "vitest";
import { canDiffer, holm, mannWhitney, pairedT } from "./significance.ts";

describe("mannWhitney", () => {
  it("has the published probabilities of small samples", () => {
    // Most uneven order of 4 and 4: 2 of C(8, 4) = 70.
    expect(mannWhitney([1, 2, 3, 4], [5, 6, 7, 8])).toBeCloseTo(2 / 70, 12);
    expect(mannWhitney([1, 2, 3], [4, 5, 6])).toBeCloseTo(0.1, 12);
    // U = 4 of 5 and 5: the orders with U up to 4 are 1 + 1 + 2 + 3 + 5 = 12 of 252.
    expect(mannWhitney([1, 2, 3, 4, 9], [5, 6, 7, 8, 10])).toBeCloseTo((2 * 12) / 252, 12);
  });

  it("is the same both ways round and blind to scale", () => {
    const [a, b] = [
      [3, 8, 1, 9, 4],
      [2, 7, 10, 12, 11, 13],
    ];
    expect(mannWhitney(a, b)).toBeCloseTo(mannWhitney(b, a), 12);
    expect(mannWhitney(a.map(Math.exp), b.map(Math.exp))).toBeCloseTo(mannWhitney(a, b), 12);
  });

  it("counts ties out", () => {
    expect(mannWhitney([5, 5, 5], [5, 5, 5])).toBe(1);
    // Ranks 1, 2.5, 2.5, 4: the sum of the first two is 3.5; 3.5 twice, 5 twice, 6.5 twice of six choices.
    expect(mannWhitney([1, 2], [2, 3])).toBeCloseTo((2 * 2) / 6, 12);
  });

  it("goes over to the normal distribution without a jump", () => {
    const samples = (count: number, shift: number) => Array.from({ length: count }, (_, i) => ((i * 37) % 101) + shift);
    const exact = mannWhitney(samples(30, 0), samples(30, 12.5));
    const normal = mannWhitney(samples(31, 0), samples(31, 12.5));
    expect(normal / exact).toBeGreaterThan(0.7);
    expect(normal / exact).toBeLessThan(1.4);
  });

  it("calls about one of twenty comparisons of the same thing different, and finds a shift", () => {
    let seed = 1;
    const random = () => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return seed / 2 ** 32;
    };
    const samples = (shift: number) => Array.from({ length: 10 }, () => random() + random() + shift);
    const share = (shift: number) => {
      let found = 0;
      for (let i = 0; i < 1000; i++) if (mannWhitney(samples(0), samples(shift)) < 0.05) found++;
      return found / 1000;
    };
    expect(share(0)).toBeGreaterThan(0.02);
    expect(share(0)).toBeLessThan(0.07);
    expect(share(0.8)).toBeGreaterThan(0.9);
  });

  it("knows nothing without samples", () => {
    expect(mannWhitney([], [1, 2])).toBe(1);
  });
});

describe("canDiffer", () => {
  it("wants four of each, or three and five", () => {
    expect([canDiffer(3, 3), canDiffer(4, 4), canDiffer(3, 5), canDiffer(1, 30)]).toEqual([false, true, true, false]);
  });

  it("wants more for many tests", () => {
    expect([canDiffer(5, 5, 20), canDiffer(6, 6, 20), canDiffer(9, 9, 1000)]).toEqual([false, true, true]);
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
