import { ALPHA, canDiffer, mannWhitney } from "./significance.ts";
import { median } from "./statistics.ts";
import { type BenchReport, type BenchRun, type BenchTest, higherIsBetter, type Machine, type Unit } from "./types.ts";

/**
 * `faster` and `slower`: significantly so. `same`: no significant difference. `too-few`: so few samples that none could be
 * significant.
 */
export type Verdict = "faster" | "slower" | "same" | "too-few" | "only-a" | "only-b";

export interface ComparedTest {
  /** "Qwen2.5 0.5B Q4_0, wasm, 2 threads". */
  run: string;
  test: string;
  unit: Unit;
  a: readonly number[];
  b: readonly number[];
  /** Speed of b over that of a, by medians: 2 is twice as fast, whatever the unit. NaN where one is missing. */
  speed: number;
  /** Mann–Whitney, two-sided; 1 where one is missing. */
  p: number;
  verdict: Verdict;
}

export interface Comparison {
  rows: ComparedTest[];
  /**
   * How the machines differ, or the speed of one machine between the two, by its ceilings: the figures then say nothing about a
   * change of the program.
   */
  differences: string[];
}

/** Compares test by test; what only one of them has comes last. */
export function compareReports(a: BenchReport, b: BenchReport): Comparison {
  const [left, right] = [testsOf(a), testsOf(b)];
  const rows: ComparedTest[] = [];
  for (const [key, { run, test }] of left) {
    const other = right.get(key);
    if (other) rows.push(compared(run, test, other.test));
  }
  for (const [key, { run, test }] of left) if (!right.has(key)) rows.push(alone(run, test, "only-a"));
  for (const [key, { run, test }] of right) if (!left.has(key)) rows.push(alone(run, test, "only-b"));
  return { rows, differences: [...machineDifferences(a.machine, b.machine), ...speedDifferences(rows)] };
}

/** Rows that are significantly slower by more than `percent`. */
export function regressions({ rows }: Comparison, percent: number): ComparedTest[] {
  return rows.filter(({ verdict, speed }) => verdict === "slower" && speed < 1 - percent / 100);
}

/** How a run is called in tables. */
export function runName({ subject, type, backend, threads }: BenchRun): string {
  const device = backend === "none" ? "" : backend;
  return [[subject, type].filter(Boolean).join(" "), device, threads > 0 ? `${threads} threads` : ""]
    .filter(Boolean)
    .join(", ");
}

function testsOf(report: BenchReport): Map<string, { run: string; test: BenchTest }> {
  const tests = new Map<string, { run: string; test: BenchTest }>();
  for (const one of report.runs) {
    const run = runName(one);
    for (const test of one.tests) tests.set(`${run}\n${test.id}\n${test.unit}`, { run, test });
  }
  return tests;
}

function compared(run: string, a: BenchTest, b: BenchTest): ComparedTest {
  const ratio = median(b.samples) / median(a.samples);
  const speed = higherIsBetter(a.unit) ? ratio : 1 / ratio;
  const p = mannWhitney(a.samples, b.samples);
  const different = p < ALPHA ? (speed > 1 ? "faster" : "slower") : "same";
  const verdict = canDiffer(a.samples.length, b.samples.length) ? different : "too-few";
  return { run, test: a.id, unit: a.unit, a: a.samples, b: b.samples, speed, p, verdict };
}

function alone(run: string, { id, unit, samples }: BenchTest, verdict: "only-a" | "only-b"): ComparedTest {
  const [a, b] = verdict === "only-a" ? [samples, []] : [[], samples];
  return { run, test: id, unit, a, b, speed: Number.NaN, p: 1, verdict };
}

/** Change of a ceiling, which no change of the program is in, from which on the machine is not the same. */
const MOST_CEILING_CHANGE = 0.05;

function speedDifferences(rows: readonly ComparedTest[]): string[] {
  return rows
    .filter(({ test, verdict }) => test.startsWith("ceiling ") && (verdict === "faster" || verdict === "slower"))
    .filter(({ speed }) => Math.abs(speed - 1) > MOST_CEILING_CHANGE)
    .map(({ run, test, unit, a, b }) => `${run}, ${test}: ${median(a).toFixed(1)} and ${median(b).toFixed(1)} ${unit}`);
}

/** What of the machine a measurement depends on. */
function machineDifferences(a: Machine, b: Machine): string[] {
  const facts: [string, (machine: Machine) => string | number | boolean | undefined][] = [
    ["browser", ({ browser }) => browser],
    ["system", ({ system }) => system],
    ["processor", ({ cpu }) => cpu],
    ["logical processors", ({ logicalProcessors }) => logicalProcessors],
    ["memory, GB", ({ memoryGigabytes }) => memoryGigabytes],
    ["cross-origin isolated", ({ isolated }) => isolated],
    ["GPU", ({ gpu }) => gpu?.adapter],
  ];
  const text = (value: string | number | boolean | undefined) => String(value ?? "not known");
  return facts.filter(([, of]) => of(a) !== of(b)).map(([name, of]) => `${name}: ${text(of(a))} and ${text(of(b))}`);
}
