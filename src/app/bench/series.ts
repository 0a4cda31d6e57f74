import { median } from "../../bench/statistics.ts";
import type { BenchRun, BenchTest } from "../../bench/types.ts";

/** Rates of one test by the depth of the context before it. */
export interface DepthSeries {
  /** "pp128". */
  readonly name: string;
  readonly points: readonly { readonly depth: number; readonly median: number; readonly samples: readonly number[] }[];
}

const DEPTH_TEST = /^((?:pp|tg)\d+)(?: @ d(\d+))?$/;

/** Series with at least two depths, in the order of the tests. */
export function depthSeries({ tests }: BenchRun): DepthSeries[] {
  const series = new Map<string, { depth: number; test: BenchTest }[]>();
  for (const test of tests) {
    const [, name, depth = "0"] = DEPTH_TEST.exec(test.id) ?? [];
    if (name && test.samples.length > 0)
      series.set(name, [...(series.get(name) ?? []), { depth: Number(depth), test }]);
  }
  return [...series]
    .filter(([, points]) => points.length > 1)
    .map(([name, points]) => ({
      name,
      points: points
        .sort((a, b) => a.depth - b.depth)
        .map(({ depth, test: { samples } }) => ({ depth, median: median(samples), samples })),
    }));
}
