import { type ComparedTest, type Comparison, runName, type Verdict } from "./compare.ts";
import { machineLine } from "./machine.ts";
import { type RoofPoint, roofOf, roofPoint } from "./roofline.ts";
import { median, quartiles } from "./statistics.ts";
import type { BenchReport, BenchRun, BenchTest } from "./types.ts";

/** Three digits. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return digits > 4 ? value.toExponential(1) : value.toFixed(digits);
}

const row = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;

/** The first `left` columns are text, the others numbers. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], left = 1): string {
  return [row(head), row(head.map((_, i) => (i < left ? "---" : "---:"))), ...rows.map(row)].join("\n");
}

const bytes = (value: number) => (value >= 1e9 ? `${figure(value / 1e9)} GB` : `${figure(value / 1e6)} MB`);

/** A whole report. */
export function reportMarkdown(report: BenchReport): string {
  const { name, date, build, machine, plan, runs, warnings } = report;
  const version = [`webgguf ${build.version}`, build.commit].filter(Boolean).join(" ");
  return [
    `## ${name}`,
    `${date.slice(0, 10)}, ${version}. ${machineLine(machine)}. Each model was opened ${plan.opens} times with ${plan.rounds} rounds of tests each, after ${plan.warmups} that do not count. Median, and from the lower quartile to the upper.`,
    ...runs.map(runMarkdown),
    warnings.length > 0 ? `Mind:\n\n${warnings.map(({ message }) => `- ${message}`).join("\n")}` : "",
  ]
    .filter(Boolean)
    .join("\n\n");
}

/** One run: what it is, its tests, what was left out. */
export function runMarkdown(run: BenchRun): string {
  const { device, fileBytes, contextLength, memoryBytes, skipped, notes, error } = run;
  const facts = [
    device,
    fileBytes && `file ${bytes(fileBytes)}`,
    contextLength && `context ${contextLength}`,
    memoryBytes &&
      `memory: weights ${bytes(memoryBytes.weights)}, K/V ${bytes(memoryBytes.kv)}, scratch ${bytes(memoryBytes.scratch)}`,
    memoryBytes?.heap && `JavaScript heap ${bytes(memoryBytes.heap)}`,
    memoryBytes?.peak && `peak of the browser while opening ${bytes(memoryBytes.peak)}`,
  ].filter(Boolean);
  const left = [...skipped.map((line) => `- left out: ${line}`), ...notes.map((line) => `- ${line}`)];
  return [
    `### ${runName(run)}`,
    facts.length > 0 ? `${facts.join("; ")}.` : "",
    run.tests.length > 0 ? (run.kind === "kernels" ? kernelTable(run) : testTable(run.tests)) : "",
    error ? `It ended early: ${error}` : "",
    left.join("\n"),
  ]
    .filter(Boolean)
    .join("\n\n");
}

const spread = (samples: readonly number[]) => {
  const { lower, upper } = quartiles(samples);
  return `${figure(lower)}–${figure(upper)}`;
};

const testTable = (tests: readonly BenchTest[]) =>
  table(
    ["test", "unit", "median", "quartiles", "samples"],
    tests.map(({ id, unit, samples }) => [id, unit, figure(median(samples)), spread(samples), String(samples.length)]),
    2,
  );

function kernelTable(run: BenchRun): string {
  const roof = roofOf(run);
  const rates = (point: RoofPoint | undefined) => [
    point ? figure(point.gigabytesPerSecond) : "",
    point ? figure(point.gigaflops) : "",
    point?.share === undefined ? "" : `${Math.round(100 * point.share)} %`,
  ];
  return table(
    ["kernel", "unit", "median", "quartiles", "samples", "GB/s", "GFLOP/s", "of the ceiling"],
    run.tests.map((test) => [
      test.id,
      test.unit,
      figure(median(test.samples)),
      spread(test.samples),
      String(test.samples.length),
      ...rates(roofPoint(test, roof)),
    ]),
    2,
  );
}

const VERDICTS: Record<Verdict, string> = {
  faster: "faster",
  slower: "slower",
  machine: "as the machine",
  same: "no difference",
  "too-few": "too few samples",
  "only-a": "only in the first",
  "only-b": "only in the second",
};

const change = ({ speed, verdict }: ComparedTest) => {
  if (verdict === "only-a" || verdict === "only-b") return "";
  return `${speed >= 1 ? "+" : "−"}${figure(100 * Math.abs(speed - 1))} %`;
};

/** By what test differences are called significant. */
export const methodOf = (inTurn: boolean) => (inTurn ? "t-test for pairs of openings" : "t-test of openings");

/** A comparison as benchstat prints one: a difference counts where the last column says so. */
export function comparisonMarkdown({ rows, differences, drift, inTurn }: Comparison): string {
  const lines = rows.map((one) => [
    one.run,
    one.test,
    one.unit,
    figure(median(one.a)),
    figure(median(one.b)),
    change(one),
    one.p < 0.001 ? "< 0.001" : one.p.toFixed(3),
    VERDICTS[one.verdict],
  ]);
  const tested = rows.filter(({ verdict }) => ["faster", "slower", "machine", "same"].includes(verdict));
  const differing = tested.filter(({ verdict }) => verdict === "faster" || verdict === "slower").length;
  const listed = (lines: readonly string[]) => lines.map((line) => `- ${line}`).join("\n");
  return [
    differences.length > 0
      ? `The machines differ, so that the figures cannot be compared:\n\n${listed(differences)}`
      : "",
    drift.length > 0
      ? `The machine's own speed changed, and by as much may every test have (measured in turn, \`--against\`, it would not matter):\n\n${listed(drift)}`
      : "",
    table(["run", "test", "unit", "first", "second", "speed", "p", ""], lines, 3),
    `${differing} of ${tested.length} tests differ significantly (${methodOf(inTurn)}, p < 0.05 for all tests together by Holm's method).`,
  ]
    .filter(Boolean)
    .join("\n\n");
}
