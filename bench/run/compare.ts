/** Compares two results: `npm run bench:compare A B`. */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { compareReports, regressions } from "../../src/bench/compare.ts";
import { comparisonMarkdown } from "../../src/bench/markdown.ts";
import { parseReport } from "../../src/bench/schema.ts";

const USAGE = `npm run bench:compare -- A.json B.json [--bound PERCENT]

Prints B beside A, test by test. The status is 1 when a test of B is significantly slower by more than PERCENT
(default 5), unless the two come from different machines.`;

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { bound: { type: "string", default: "5" }, help: { type: "boolean", default: false } },
  });
  if (values.help || positionals.length !== 2) {
    console.log(USAGE);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const bound = Number(values.bound);
  if (!(bound >= 0)) throw new Error(`--bound is "${values.bound}"; it must be a number of percent from 0.`);
  const [a, b] = positionals.map((path) => {
    try {
      return parseReport(readFileSync(path, "utf8"));
    } catch (error) {
      throw new Error(`${path}: ${error instanceof Error ? error.message : error}`);
    }
  });
  const comparison = compareReports(a, b);
  console.log(comparisonMarkdown(comparison));
  for (const { name, warnings } of [a, b]) {
    for (const { message } of warnings) console.log(`\nMind, in ${name}: ${message}`);
  }
  const worse = regressions(comparison, bound);
  if (worse.length === 0) return;
  console.log(`\n${worse.length} significantly slower by more than ${bound} %:`);
  for (const { run, test, speed } of worse)
    console.log(`- ${run}: ${test}, ${(100 * (1 - speed)).toFixed(1)} % slower`);
  if (comparison.differences.length === 0) process.exitCode = 1;
}

try {
  main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
