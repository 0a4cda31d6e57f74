import { expect, it } from "vitest";
import { rates, reportOf } from "../../bench/testing.ts";
import { depthSeries } from "./series.ts";

it("series against depth: by test, shallow first, where there are several depths", () => {
  const tests = [
    rates("pp128", [10, 12, 11]),
    rates("tg32 @ d2048", [3]),
    rates("tg32", [5, 7]),
    rates("pp128 @ d8192", [4]),
    rates("pp512", [9]),
    rates("pp128 @ d2048", []),
    { ...rates("ttft32", [80]), unit: "ms" as const },
  ];
  const [run] = reportOf(tests).runs;
  expect(depthSeries(run)).toEqual([
    {
      name: "pp128",
      points: [
        { depth: 0, median: 11, samples: [10, 12, 11] },
        { depth: 8192, median: 4, samples: [4] },
      ],
    },
    {
      name: "tg32",
      points: [
        { depth: 0, median: 6, samples: [5, 7] },
        { depth: 2048, median: 3, samples: [3] },
      ],
    },
  ]);
});
