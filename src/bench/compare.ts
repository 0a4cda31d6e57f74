import { NAIVE } from "./naive.ts";
import { ALPHA, holm, LEAST, pairedT, welch } from "./significance.ts";
import { geometricMean, median } from "./statistics.ts";
import { type BenchReport, type BenchRun, type BenchTest, higherIsBetter, type Machine, type Unit } from "./types.ts";

/**
 * `faster` and `slower`: significantly so. `machine`: significantly, but hardly more than the machine's own speed changed.
 * `same`: no significant difference. `too-few`: so few samples that none could be significant.
 */
export type Verdict = "faster" | "slower" | "machine" | "same" | "too-few" | "only-a" | "only-b";

export interface ComparedTest {
  /** "Qwen2.5 0.5B Q4_0, wasm, 2 threads". */
  run: string;
  test: string;
  unit: Unit;
  a: readonly number[];
  b: readonly number[];
  /** Speed of b over that of a: 2 is twice as fast, whatever the unit. NaN where one is missing. */
  speed: number;
  /** Probability of such a difference if there were none, with all tests of the comparison in mind; 1 where one is missing. */
  p: number;
  verdict: Verdict;
}

export interface Comparison {
  rows: ComparedTest[];
  /** Measured in turn: each sample of one is paired with one of the other. */
  inTurn: boolean;
  /** How the machines differ. The figures then say nothing about a change of the program. */
  differences: string[];
  /** How the speed of one machine changed between the two, by its ceilings, in which there is nothing of the program. */
  drift: string[];
}

/** Compares test by test; what only one of them has comes last. */
export function compareReports(a: BenchReport, b: BenchReport): Comparison {
  const [left, right] = [testsOf(a), testsOf(b)];
  const both = [...left].flatMap(([key, { run, test }]): Pair[] => {
    const other = right.get(key);
    return other ? [{ run, a: test, b: other.test }] : [];
  });
  const inTurn = a.turns !== undefined && a.turns === b.turns;
  const rows = inTurn ? pairedRows(both) : separateRows(both);
  const alone = (from: typeof left, other: typeof left, verdict: "only-a" | "only-b") =>
    [...from].filter(([key]) => !other.has(key)).map(([, { run, test }]) => aloneRow(run, test, verdict));
  return {
    rows: [...rows, ...alone(left, right, "only-a"), ...alone(right, left, "only-b")],
    inTurn,
    differences: inTurn ? [] : machineDifferences(a.machine, b.machine),
    drift: inTurn ? [] : ceilings(both).filter(worthAWord).map(driftText),
  };
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
    for (const test of one.tests)
      if (!test.id.startsWith(NAIVE)) tests.set(`${run}\n${test.id}\n${test.unit}`, { run, test });
  }
  return tests;
}

interface Pair {
  readonly run: string;
  readonly a: BenchTest;
  readonly b: BenchTest;
}

/** Speed of times or rates `b` over that of `a`. */
const speedOf = ({ unit }: BenchTest, a: number, b: number) => (a === b ? 1 : higherIsBetter(unit) ? b / a : a / b);

/** Samples of one opening resemble each other: what is independent is the median of each. Of one opening, its samples. */
function independent({ samples, samplesPerOpening = 1 }: BenchTest): readonly number[] {
  if (samples.length <= samplesPerOpening) return samples;
  const openings = Math.ceil(samples.length / samplesPerOpening);
  return Array.from({ length: openings }, (_, i) =>
    median(samples.slice(i * samplesPerOpening, (i + 1) * samplesPerOpening)),
  );
}

/** Less than any clock tells, so that nothing has a logarithm as well. */
const NOTHING = 1e-9;

const logarithms = (values: readonly number[]) => values.map((value) => Math.log(Math.max(value, NOTHING)));

const medianSpeed = ({ a, b }: Pair) => speedOf(a, median(independent(a)), median(independent(b)));

interface Finding {
  readonly speed: number;
  /** Of this test alone. */
  readonly p: number;
  /** Whether samples are enough for a verdict. */
  readonly enough: boolean;
  /** What it is called when it is not significant. */
  readonly otherwise: "machine" | "same";
}

/** Two results of different times, of a machine whose speed may have changed between them. */
function separateRows(pairs: readonly Pair[]): ComparedTest[] {
  const drift = Math.max(1, ...ceilings(pairs).map((pair) => farness(medianSpeed(pair))));
  return comparedRows(pairs, (pair): Finding => {
    const speed = medianSpeed(pair);
    const [a, b] = [independent(pair.a), independent(pair.b)].map(logarithms);
    const enough = Math.min(a.length, b.length) >= LEAST;
    const otherwise = drift > 1 && welch(a, b) * pairs.length < ALPHA ? "machine" : "same";
    if (farness(speed) <= drift) return { speed, p: 1, enough, otherwise };
    // What is left of the difference when the machine's own is taken off.
    const toward = speed < 1 === higherIsBetter(pair.b.unit) ? Math.log(drift) : -Math.log(drift);
    const moved = b.map((sample) => sample + toward);
    return { speed, p: welch(a, moved), enough, otherwise };
  });
}

/** Two results of the same time: a slow spell is in both samples of a pair, or in none. */
function pairedRows(pairs: readonly Pair[]): ComparedTest[] {
  return comparedRows(pairs, ({ a, b }): Finding => {
    const count = Math.min(a.samples.length, b.samples.length);
    const samples = Array.from({ length: count }, (_, i) => speedOf(a, a.samples[i], b.samples[i]));
    const speeds = independent({ ...a, samples });
    const enough = speeds.length >= LEAST;
    return { speed: geometricMean(speeds), p: pairedT(logarithms(speeds)), enough, otherwise: "same" };
  });
}

function comparedRows(pairs: readonly Pair[], find: (pair: Pair) => Finding): ComparedTest[] {
  const findings = pairs.map(find);
  const decided = findings.filter(({ enough }) => enough);
  const adjusted = holm(decided.map(({ p }) => p));
  return pairs.map(({ run, a, b }, i) => {
    const { speed, enough, otherwise } = findings[i];
    const p = enough ? adjusted[decided.indexOf(findings[i])] : 1;
    const significant = speed > 1 ? "faster" : "slower";
    const verdict = enough ? (p < ALPHA ? significant : otherwise) : "too-few";
    return { run, test: a.id, unit: a.unit, a: a.samples, b: b.samples, speed, p, verdict };
  });
}

function aloneRow(run: string, { id, unit, samples }: BenchTest, verdict: "only-a" | "only-b"): ComparedTest {
  const [a, b] = verdict === "only-a" ? [samples, []] : [[], samples];
  return { run, test: id, unit, a, b, speed: Number.NaN, p: 1, verdict };
}

/** How far a ratio is from 1, in either direction: at least 1. */
const farness = (ratio: number) => Math.max(ratio, 1 / ratio);

const ceilings = (pairs: readonly Pair[]) => pairs.filter(({ a }) => a.id.startsWith("ceiling "));

/** Change of the machine that is less than this is not worth a word. */
const LEAST_DRIFT = 1.02;

const worthAWord = (pair: Pair) => farness(medianSpeed(pair)) > LEAST_DRIFT;

const driftText = ({ run, a, b }: Pair) =>
  `${run}, ${a.id}: ${median(a.samples).toFixed(1)} and ${median(b.samples).toFixed(1)} ${a.unit}`;

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
