import { describe, expect, it } from "vitest";
import { linearScale, logRange, logScale, logTicks, niceTicks, sampleRange, spreadApart } from "./scales.ts";

describe("ticks", () => {
  it("are round numbers within the range", () => {
    expect(niceTicks([0, 8192], 4)).toEqual([0, 5000]);
    expect(niceTicks([0, 100], 5)).toEqual([0, 20, 40, 60, 80, 100]);
    expect(niceTicks([0.13, 0.31], 4)).toEqual([0.15, 0.2, 0.25, 0.3]);
  });

  it("of a range that is none are its one value", () => {
    expect(niceTicks([5, 5], 4)).toEqual([5]);
  });

  it("on a logarithmic scale are denser the shorter it is", () => {
    expect(logTicks([1, 100_000])).toEqual([1, 10, 100, 1000, 10_000, 100_000]);
    expect(logTicks([0.5, 50])).toEqual([1, 3, 10, 30]);
    expect(logTicks([20, 90])).toEqual([20, 50]);
  });
});

describe("scales", () => {
  it("put the ends of a range at the ends of the plot, whichever way it runs", () => {
    const { at } = linearScale([10, 20], [100, 0]);
    expect([at(10), at(15), at(20)]).toEqual([100, 50, 0]);
  });

  it("keep ratios apart by the same distance where they are logarithmic", () => {
    const { at } = logScale([1, 10_000], [0, 400]);
    expect(at(100) - at(10)).toBeCloseTo(at(10) - at(1), 9);
    expect(at(10_000)).toBeCloseTo(400, 9);
  });

  it("of one value put it where the plot begins", () => {
    expect(linearScale([5, 5], [3, 9]).at(5)).toBe(3);
  });
});

describe("labels", () => {
  it("stay where there is room, and part around their middle where there is none", () => {
    expect(spreadApart([10, 50, 90], 12)).toEqual([10, 50, 90]);
    expect(spreadApart([52, 48, 10], 12)).toEqual([56, 44, 10]);
    expect(spreadApart([50, 50, 50], 10)).toEqual([40, 50, 60]);
  });

  it("do not run into those that were far away before", () => {
    const places = spreadApart([0, 1, 2, 14, 40], 10);
    const sorted = places.toSorted((a, b) => a - b);
    expect(places).toEqual(sorted);
    for (let i = 1; i < sorted.length; i++) expect(sorted[i] - sorted[i - 1]).toBeGreaterThanOrEqual(9.999);
    expect(places[4]).toBe(40);
  });
});

describe("ranges", () => {
  it("show close samples close together", () => {
    const [from, to] = sampleRange([100, 101]);
    expect(to - from).toBeCloseTo(20.1, 5);
    expect((from + to) / 2).toBeCloseTo(100.5, 5);
  });

  it("hold all samples where they are far apart", () => {
    const [from, to] = sampleRange([10, 100, 55]);
    expect(from).toBeLessThan(10);
    expect(to).toBeGreaterThan(100);
  });

  it("never end in zero or below on a logarithmic scale", () => {
    expect(logRange([0, 4, 8], 2)).toEqual([2, 16]);
    expect(logRange([])).toEqual([1, 10]);
  });
});
