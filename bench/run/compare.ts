/** Compares two results: `npm run bench:compare A B`. */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { parseReport } from "../../src/bench/schema.ts";
import { boundOf } from "./options.ts";
import { judge } from "./verdict.ts";

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
  const [a, b] = positionals.map((path) => {
    try {
      return parseReport(readFileSync(path, "utf8"));
    } catch (error) {
      throw new Error(`${path}: ${error instanceof Error ? error.message : error}`);
    }
  });
  const { text, failed } = judge(a, b, boundOf(values.bound));
  console.log(text);
  if (failed) process.exitCode = 1;
}

try {
  main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
