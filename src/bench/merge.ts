import type { BenchReport, BenchRun } from "./types.ts";
import { Watch } from "./watch.ts";

/** One report of several that carried out the same plan with an opening each, in the order in which they were measured. */
export function mergeReports(parts: readonly [BenchReport, ...BenchReport[]]): BenchReport {
  const [first] = parts;
  const runs = first.runs.map((run, index) =>
    mergeRuns(
      run,
      parts.flatMap((part) => part.runs.slice(index, index + 1)),
    ),
  );
  const watch = new Watch({}, first.machine);
  for (const { warnings } of parts) {
    // What samples say, those of all openings say together.
    for (const { code, message } of warnings) if (code !== "drift" && code !== "spread") watch.warn(code, message);
  }
  for (const run of runs) watch.afterRun(run);
  const opens = parts.reduce((sum, { plan }) => sum + plan.opens, 0);
  return { ...first, plan: { ...first.plan, opens }, runs, warnings: watch.warnings };
}

/** What stands in all of them; tests that one of them lacks would break the order of openings and are left out. */
function mergeRuns(run: BenchRun, all: readonly BenchRun[]): BenchRun {
  const tests = run.tests.flatMap((test) => {
    const found = all.flatMap(({ tests }) => tests.filter(({ id, unit }) => id === test.id && unit === test.unit));
    return found.length === all.length ? [{ ...test, samples: found.flatMap(({ samples }) => samples) }] : [];
  });
  const error = all.find((one) => one.error !== undefined)?.error;
  return { ...run, tests, ...(error !== undefined && { error }) };
}
