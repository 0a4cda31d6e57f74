import { median } from "./statistics.ts";
import type { BenchRun, BenchTest } from "./types.ts";

/** What the machine does at most, by the medians of a run's ceilings; absent what was not measured. */
export interface Roof {
  /** 10^9 bytes per second. */
  readonly bandwidth?: number;
  /** 10^9 operations per second, in float32, in half precision, and of 8-bit products. */
  readonly float32?: number;
  readonly float16?: number;
  readonly int8?: number;
}

/** A kernel under the roof (Williams, Waterman and Patterson 2009). */
export interface RoofPoint {
  readonly id: string;
  /** Operations per byte. */
  readonly intensity: number;
  readonly gigabytesPerSecond: number;
  /** 10^9 operations per second. */
  readonly gigaflops: number;
  /** Of what the machine does at most at this intensity, 0 … 1; absent without ceilings. */
  readonly share?: number;
}

/** The roof of a run on kernels. Bandwidth is the better of copying and reading. */
export function roofOf({ tests }: BenchRun): Roof {
  const ceiling = (name: string) => {
    const test = tests.find(({ id }) => id === `ceiling ${name}`);
    return test && median(test.samples);
  };
  const bandwidths = [ceiling("copy"), ceiling("read")].filter((x) => x !== undefined);
  const [float32, float16, int8] = ["float32", "float16", "int8"].map(ceiling);
  return {
    ...(bandwidths.length > 0 && { bandwidth: Math.max(...bandwidths) }),
    ...(float32 !== undefined && { float32 }),
    ...(float16 !== undefined && { float16 }),
    ...(int8 !== undefined && { int8 }),
  };
}

/** Where a kernel stands; undefined of tests that are none. The arithmetic roof is the better one of those measured. */
export function roofPoint({ id, samples, bytes, operations }: BenchTest, roof: Roof): RoofPoint | undefined {
  if (bytes === undefined || operations === undefined || samples.length === 0) return undefined;
  const nanoseconds = median(samples) * 1000;
  const gigabytesPerSecond = bytes / nanoseconds;
  const gigaflops = operations / nanoseconds;
  const times = [
    roof.bandwidth && bytes / roof.bandwidth,
    operations / Math.max(roof.float32 ?? 0, roof.float16 ?? 0, roof.int8 ?? 0) || undefined,
  ].filter((time) => time !== undefined && Number.isFinite(time));
  const share = times.length > 0 ? Math.max(...(times as number[])) / nanoseconds : undefined;
  return { id, intensity: operations / bytes, gigabytesPerSecond, gigaflops, ...(share !== undefined && { share }) };
}
