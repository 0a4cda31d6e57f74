import { runName } from "../../src/bench/compare.ts";
import { figure, table } from "../../src/bench/markdown.ts";
import { NAIVE } from "../../src/bench/naive.ts";
import { roofOf } from "../../src/bench/roofline.ts";
import { median, quartiles } from "../../src/bench/statistics.ts";
import type { BenchReport, BenchRun, BenchTest } from "../../src/bench/types.ts";
import { productsLines } from "../peers/products-table.ts";
import type { Report as PeersReport } from "../peers/types.ts";

/** A figure that the project was started for. */
interface Goal {
  readonly figure: string;
  readonly target: string;
  /** Lines for the table's last column; none where nothing was measured. */
  readonly measured: (runs: readonly BenchRun[], peers: PeersReport | undefined) => string[];
  /** What stands there otherwise; "not measured here" by default. */
  readonly waits?: string;
}

const LARGE = "Qwen2.5 Coder 14B";
/** Bytes that a token of the 14B model reads in Q5_K_M, about. */
const LARGE_BYTES = 10.5e9;

/** Every test with such an id, of runs that `of` takes, as "median unit (which run)". */
function each(runs: readonly BenchRun[], of: (run: BenchRun) => boolean, id: RegExp): string[] {
  return runs
    .filter(of)
    .flatMap((run) => run.tests.filter((test) => id.test(test.id)).map((test) => line(run, test)))
    .filter((text, index, all) => all.indexOf(text) === index);
}

const line = (run: BenchRun, { id, unit, samples }: BenchTest) =>
  `${figure(median(samples))} ${unit} (${id}; ${runName(run)})`;

const isModel = ({ kind }: BenchRun) => kind === "model";
const isLarge = (run: BenchRun) => isModel(run) && run.subject === LARGE;
const isKernels = ({ kind }: BenchRun) => kind === "kernels";
/** How many times faster than three loops over float32 the quantised products of a run are. */
function besideNaive(run: BenchRun): string[] {
  return run.tests.flatMap((naive) => {
    const shape = naive.id.startsWith(NAIVE) ? naive.id.split("F32 ")[1] : undefined;
    if (!shape) return [];
    const ratios = run.tests
      .filter(({ id }) => /^matmul (Q4_0|Q8_0|Q4_K) /.test(id) && id.endsWith(` ${shape}`))
      .map(({ id, samples }) => `${id.split(" ")[1]} ${figure(median(naive.samples) / median(samples))}×`);
    return ratios.length > 0
      ? [`${ratios.join(", ")} the speed of three loops over F32 (${shape}; ${runName(run)})`]
      : [];
  });
}

const gigabytes = (bytes: number) => `${figure(bytes / 1e9)} GB`;

const GOALS: readonly Goal[] = [
  {
    figure: "header of a 14B file",
    target: "under 106 ms",
    measured: (runs) => each(runs, isLarge, /^open header/),
  },
  { figure: "load time", target: "–", measured: (runs) => each(runs, isModel, /^open$/) },
  {
    figure: "memory before the first token",
    target: "–",
    measured: (runs) =>
      runs.filter(isModel).flatMap((run) => {
        const { fileBytes, memoryBytes } = run;
        if (memoryBytes?.peak === undefined || fileBytes === undefined) return [];
        return [`${gigabytes(memoryBytes.peak)} for the whole browser, file ${gigabytes(fileBytes)} (${runName(run)})`];
      }),
  },
  { figure: "encode, decode", target: "–", measured: (runs) => each(runs, isModel, /^(en|de)code$/) },
  {
    figure: "matrix times vector, 4096 × 4096",
    target: "–",
    measured: (runs) => each(runs, isKernels, /^matmul \S+ 4096×4096, 1 token$/),
  },
  {
    figure: "layer at width 5120, one token",
    target: "under 100 ms",
    measured: (runs) => each(runs, isKernels, /^layer \S+ 5120, .* 1 token$/),
  },
  {
    figure: "48 such layers",
    target: "under 5 s",
    measured: (runs) =>
      runs
        .filter(isKernels)
        .flatMap((run) =>
          run.tests
            .filter(({ id }) => /^layer \S+ 5120, .* 1 token$/.test(id))
            .map(({ id, samples }) => `${figure((48 * median(samples)) / 1e6)} s (48 · ${id}; ${runName(run)})`),
        ),
  },
  {
    figure: "sampling, the slowest strategy",
    target: "under 10 ms",
    measured: (runs) =>
      runs
        .filter(({ kind }) => kind === "sampling")
        .flatMap((run) => {
          const slowest = [...run.tests].sort((a, b) => median(b.samples) - median(a.samples))[0];
          return slowest ? [line(run, slowest)] : [];
        }),
  },
  { figure: "time to first token", target: "under 500 ms", measured: (runs) => each(runs, isModel, /^ttft\d+$/) },
  {
    figure: "14B on the CPU",
    target: "5–20 tokens/s",
    measured: (runs) => [
      ...each(runs, isLarge, /^tg\d+$/),
      ...runs.filter(isKernels).flatMap((run) => {
        const { bandwidth } = roofOf(run);
        if (bandwidth === undefined) return [];
        const most = (bandwidth * 1e9) / LARGE_BYTES;
        return [`memory allows ${figure(most)} tokens/s at most: ${figure(bandwidth)} GB/s (${runName(run)})`];
      }),
    ],
  },
  {
    figure: "products beside naive ones, 4096 × 4096",
    target: "–",
    measured: (runs) => runs.filter(isKernels).flatMap(besideNaive),
  },
  {
    figure: "products beside llama.cpp's",
    target: "–",
    measured: (_, peers) => (peers?.products ? productsLines(peers.products) : []),
    waits: "not measured here: `LLAMA_OPS=/path/to/test-backend-ops npm run bench:peers`",
  },
  {
    figure: "decode with moving counters beside still ones",
    target: "at least 98 %",
    measured: (runs) =>
      runs.flatMap((run) => {
        const of = (which: string) => run.tests.find(({ id }) => id.endsWith(`, counters ${which}`))?.samples;
        const [moving, still] = [of("moving"), of("still")];
        if (!moving || !still) return [];
        const ratios = moving.map((rate, i) => rate / still[i]);
        const { lower, median: middle, upper } = quartiles(ratios);
        const [share, low, high] = [middle, lower, upper].map((ratio) => (100 * ratio).toFixed(1));
        return [`${share} % (quartiles ${low}–${high} of ${ratios.length} pairs; ${runName(run)})`];
      }),
  },
  {
    figure: "embeddings",
    target: "27.1 ms each, 36.9 a second on an M1 Pro",
    measured: () => [],
    waits: "waits for the architecture: gemma-embedding cannot be run yet",
  },
  {
    figure: "allocations per token",
    target: "none in steady state",
    measured: (runs) => each(runs, isModel, /^heap per token/),
  },
];

/** The figures that the project was started for: target, and what the reports, and that of the peers, have of them. */
export function goalsTable(reports: readonly BenchReport[], peers?: PeersReport): string {
  const runs = reports.flatMap((report) => report.runs);
  return table(
    ["figure", "target", "measured"],
    GOALS.map(({ figure, target, measured, waits = "not measured here" }) => {
      const lines = measured(runs, peers);
      return [figure, target, lines.length > 0 ? lines.join("<br>") : waits];
    }),
    3,
  );
}
