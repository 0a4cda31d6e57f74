import { compareReports, regressions } from "../../src/bench/compare.ts";
import { comparisonMarkdown } from "../../src/bench/markdown.ts";
import type { BenchReport } from "../../src/bench/types.ts";

/**
 * B beside A, as Markdown, and whether a test of B is significantly slower by more than `bound` percent. Figures of different
 * machines fail nothing.
 */
export function judge(a: BenchReport, b: BenchReport, bound: number): { text: string; failed: boolean } {
  const comparison = compareReports(a, b);
  const worse = regressions(comparison, bound);
  const warnings = [a, b].flatMap(({ name, warnings }) =>
    warnings.map(({ message }) => `Mind, in ${name}: ${message}`),
  );
  const slower = worse.map(({ run, test, speed }) => `- ${run}: ${test}, ${(100 * (1 - speed)).toFixed(1)} % slower`);
  const summary =
    worse.length > 0 ? `${worse.length} significantly slower by more than ${bound} %:\n${slower.join("\n")}` : "";
  return {
    text: [comparisonMarkdown(comparison), ...warnings, summary].filter(Boolean).join("\n\n"),
    failed: worse.length > 0 && comparison.differences.length === 0,
  };
}
