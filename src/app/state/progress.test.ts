import { describe, expect, it } from "vitest";
import { progressMeter } from "./progress.ts";

const MB = 1e6;
const weights = (loadedBytes: number) => ({ stage: "weights" as const, loadedBytes, totalBytes: 1000 * MB });

describe("load progress", () => {
  it("has no rate before weights arrive, nor from one measurement", () => {
    const meter = progressMeter();
    expect(meter({ stage: "header", loadedBytes: 5, totalBytes: 1000 * MB }, 0).bytesPerSecond).toBeUndefined();
    expect(meter(weights(10 * MB), 10).bytesPerSecond).toBeUndefined();
    expect(meter(weights(20 * MB), 50).bytesPerSecond).toBeUndefined();
  });

  it("gives rate and time left", () => {
    const meter = progressMeter();
    meter(weights(0), 0);
    expect(meter(weights(200 * MB), 1000)).toMatchObject({ bytesPerSecond: 200 * MB, millisecondsLeft: 4000 });
  });

  it("forgets what is older than the window", () => {
    const meter = progressMeter();
    meter(weights(0), 0);
    meter(weights(10 * MB), 10_000);
    meter(weights(110 * MB), 11_000);
    expect(meter(weights(210 * MB), 12_000).bytesPerSecond).toBe(100 * MB);
  });
});
