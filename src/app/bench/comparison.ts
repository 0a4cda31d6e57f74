import type { ComparedTest, Comparison, Verdict } from "../../bench/compare.ts";
import { figure, methodOf } from "../../bench/markdown.ts";
import { median } from "../../bench/statistics.ts";
import { sampleRange } from "./scales.ts";

/** A row of the comparison as it is shown. */
export interface ComparedRow {
  readonly test: string;
  readonly unit: string;
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly medianA: string;
  readonly medianB: string;
  /** Speed of b over that of a, "1.23×"; empty where one is missing. */
  readonly ratio: string;
  readonly p: string;
  readonly verdict: string;
  readonly tone: "good" | "bad" | "even" | "none";
  /** Both on one scale. */
  readonly range: readonly [number, number];
}

export interface ComparedRun {
  readonly run: string;
  readonly rows: readonly ComparedRow[];
}

export interface ComparisonView {
  readonly runs: readonly ComparedRun[];
  readonly faster: number;
  readonly slower: number;
  /** Tests that both have, with samples enough for a verdict. */
  readonly tested: number;
  readonly inTurn: boolean;
}

const VERDICTS: Record<Verdict, readonly [text: string, tone: ComparedRow["tone"]]> = {
  faster: ["faster", "good"],
  slower: ["slower", "bad"],
  machine: ["as the machine", "even"],
  same: ["no difference", "even"],
  "too-few": ["too few samples", "none"],
  "only-a": ["only in the first", "none"],
  "only-b": ["only in the second", "none"],
};

export function comparisonView({ rows, inTurn }: Comparison): ComparisonView {
  const runs = new Map<string, ComparedRow[]>();
  for (const row of rows) runs.set(row.run, [...(runs.get(row.run) ?? []), rowView(row)]);
  const count = (...verdicts: Verdict[]) => rows.filter(({ verdict }) => verdicts.includes(verdict)).length;
  return {
    runs: [...runs].map(([run, ofRun]) => ({ run, rows: ofRun })),
    faster: count("faster"),
    slower: count("slower"),
    tested: count("faster", "slower", "machine", "same"),
    inTurn,
  };
}

function rowView({ test, unit, a, b, speed, p, verdict }: ComparedTest): ComparedRow {
  const [text, tone] = VERDICTS[verdict];
  const alone = verdict === "only-a" || verdict === "only-b";
  return {
    test,
    unit,
    a,
    b,
    medianA: a.length > 0 ? figure(median(a)) : "",
    medianB: b.length > 0 ? figure(median(b)) : "",
    ratio: alone || !Number.isFinite(speed) ? "" : `${figure(speed)}×`,
    p: alone || verdict === "too-few" ? "" : p < 0.001 ? "< 0.001" : p.toFixed(3),
    verdict: text,
    tone,
    range: sampleRange([...a, ...b]),
  };
}

/** In a sentence, with what chance does to so many tests. */
export function comparisonSummary({ faster, slower, tested, inTurn }: ComparisonView): string {
  if (tested === 0) return "No test of both has samples enough for a verdict.";
  const parts = [faster > 0 && `${faster} faster`, slower > 0 && `${slower} slower`].filter(Boolean).join(", ");
  const tests = tested === 1 ? "the one test" : `${tested} tests`;
  const found = parts
    ? `Of ${tests}, the second run is significantly ${parts}.`
    : `No significant difference in ${tests}.`;
  return `${found} By a ${methodOf(inTurn)}, p < 0.05 for all tests together.`;
}
