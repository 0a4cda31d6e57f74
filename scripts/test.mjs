/**
 * `npm test`: every check of the project, one after another. All steps run even if one fails; the last line is
 * `N passed, N failed` (and `, N skipped`), counting each test of Vitest and Playwright and each other step as one.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { findChromium, installChromium } from "./chromium.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const reports = join(root, ".cache/reports");
const total = { passed: 0, failed: 0, skipped: 0 };
mkdirSync(reports, { recursive: true });

function run(command, args, env = {}) {
  console.log(`\n> ${[command, ...args].join(" ")}`);
  const { status } = spawnSync(command, args, { cwd: root, stdio: "inherit", env: { ...process.env, ...env } });
  return status === 0;
}

/** A check that passes or fails as a whole. */
function step(command, ...args) {
  const ok = run(command, args);
  total[ok ? "passed" : "failed"]++;
  return ok;
}

/** A suite that writes a JSON report; a run that fails without a failed test counts as one failure. */
function suite(report, start, count) {
  const file = join(reports, report);
  rmSync(file, { force: true });
  const ok = start(file);
  const counts = existsSync(file)
    ? count(JSON.parse(readFileSync(file, "utf8")))
    : { passed: 0, failed: 0, skipped: 0 };
  if (!ok && counts.failed === 0) counts.failed = 1;
  for (const key of Object.keys(total)) total[key] += counts[key];
}

step("node", "wasm/build.mjs");
step("npx", "tsc", "-b");
step("npx", "biome", "check", ".");
step("npx", "depcruise", "--config", ".dependency-cruiser.cjs", "src");

suite(
  "vitest.json",
  (file) => run("npx", ["vitest", "run", "--reporter=default", "--reporter=json", `--outputFile.json=${file}`]),
  (report) => ({
    passed: report.numPassedTests,
    failed:
      report.numFailedTests +
      report.testResults.filter((r) => r.status === "failed" && !r.assertionResults.length).length,
    skipped: report.numPendingTests + report.numTodoTests,
  }),
);

const built = step("npx", "vite", "build") && step("node", "scripts/size.mjs");

if (!built) {
  console.error("\nThe page was not built as it should be, so it is not tested in a browser.");
  total.failed++;
} else if (!(findChromium() ?? installChromium())) {
  console.error("\nNo Chromium to test in: set WEBGGUF_CHROMIUM, or run `npx playwright install chromium`.");
  total.failed++;
} else {
  suite(
    "playwright.json",
    (file) => run("npx", ["playwright", "test", "--reporter=list,json"], { PLAYWRIGHT_JSON_OUTPUT_NAME: file }),
    ({ stats }) => ({ passed: stats.expected + stats.flaky, failed: stats.unexpected, skipped: stats.skipped }),
  );
}

const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : "";
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
process.exit(total.failed > 0 ? 1 : 0);
