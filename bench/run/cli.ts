/** Measures the built page in Chromium: `npm run bench`. Writes the result as JSON, and a report as Markdown. */
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { arch, cpus, platform, totalmem } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright";
import { chromiumArgs, findChromium } from "../../scripts/chromium.mjs";
import { reportMarkdown } from "../../src/bench/markdown.ts";
import { checkReport } from "../../src/bench/schema.ts";
import type { BenchReport } from "../../src/bench/types.ts";
import { serve } from "../peers/server.ts";
import { runInPage } from "./browser.ts";
import { buildOf } from "./build.ts";
import { modelFile } from "./models.ts";
import { type Options, parseOptions, titleOf, USAGE } from "./options.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MODELS = join(ROOT, ".cache/bench");

/** Adds what a browser does not tell about its machine. */
function withMachine(report: BenchReport): BenchReport {
  const cpu = cpus()[0]?.model.trim();
  const memoryGigabytes = Math.round(totalmem() / 2 ** 30);
  const system = `${platform()} ${arch()}`;
  return { ...report, machine: { ...report.machine, system, ...(cpu && { cpu }), memoryGigabytes } };
}

async function main({ name, plan, models, devices, dist, out }: Options): Promise<void> {
  const page = resolve(dist ?? join(ROOT, "dist"));
  if (!existsSync(join(page, "index.html"))) throw new Error(`${page} holds no built page: npm run build.`);
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const files: string[] = [];
  for (const choice of models) {
    say(`Model: ${titleOf(choice)}${"mix" in choice ? ` ${choice.mix}` : ""}`);
    files.push(await modelFile(choice, MODELS));
  }
  const { origin, server } = await serve({
    "/": page,
    "/project/src/": join(ROOT, "src"),
    "/project/bench/": join(ROOT, "bench"),
  });
  const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArgs() });
  try {
    const subjects = models.map((choice) => ({
      name: titleOf(choice),
      ...("mix" in choice && { type: choice.mix, synthetic: true }),
    }));
    const task = { name, plan, build: buildOf(ROOT), devices, subjects };
    const report = checkReport(withMachine(await runInPage(browser, task, { origin, files, onProgress: say })));
    const path = resolve(
      out ?? join(ROOT, `bench/results/${report.date.slice(0, 10)}-${name.replaceAll(/\W+/g, "-")}.json`),
    );
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `${JSON.stringify(report, null, 1)}\n`);
    const markdown = reportMarkdown(report);
    await writeFile(path.replace(/(\.json)?$/, ".md"), `${markdown}\n`);
    console.log(`${markdown}\n\n${path}`);
  } finally {
    await browser.close();
    server.close();
  }
}

try {
  if (process.argv.includes("--help")) console.log(USAGE);
  else await main(parseOptions(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
