import { describe, expect, it } from "vitest";
import { geometricMean, median, pairedRatio, quartiles, summarize } from "./statistics.ts";

describe("median", () => {
  it("takes the middle of an odd count, in any order, and leaves the input alone", () => {
    const values = [9, 1, 100, 4, 5];
    expect(median(values)).toBe(5);
    expect(values).toEqual([9, 1, 100, 4, 5]);
  });

  it("takes the mean of the two middle values of an even count", () => {
    expect(median([10, 2, 4, 1])).toBe(3);
  });

  it("compares as numbers, not as text", () => {
    expect(median([9, 10, 100])).toBe(10);
  });

  it("is not a number where there is nothing", () => {
    expect(median([])).toBeNaN();
  });
});

describe("quartiles", () => {
  it("interpolates between the sorted values", () => {
    expect(quartiles([4, 1, 3, 2])).toEqual({ lower: 1.75, median: 2.5, upper: 3.25 });
    expect(quartiles([7])).toEqual({ lower: 7, median: 7, upper: 7 });
    expect(quartiles([]).median).toBeNaN();
  });
});

describe("summarize", () => {
  it("gives median, extremes and count", () => {
    expect(summarize([3, 1, 8])).toEqual({ median: 3, min: 1, max: 8, count: 3 });
  });
});

describe("geometricMean", () => {
  it("takes doubling and halving as opposites", () => {
    expect(geometricMean([2, 0.5])).toBeCloseTo(1, 12);
    expect(geometricMean([1, 4, 16])).toBeCloseTo(4, 12);
  });
});

describe("pairedRatio", () => {
  it("compares within rounds, so that a slow spell of the machine cancels", () => {
    const ours = [[100, 110, 90], [50], [102]];
    const theirs = [[50], [25, 26, 24], [50]];
    expect(pairedRatio(ours, theirs)).toEqual({ median: 2, min: 2, max: 2.04, count: 3 });
  });

  it("leaves out rounds in which one side failed", () => {
    expect(pairedRatio([[10], [], [30]], [[5], [5], [10]])).toEqual({ median: 2.5, min: 2, max: 3, count: 2 });
  });

  it("is empty where the sides never met", () => {
    expect(pairedRatio([[1]], [[]]).count).toBe(0);
  });
});
