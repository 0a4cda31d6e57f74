/** Measures the built page in Chromium: `npm run bench`. Writes the result as JSON, and a report as Markdown. */
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { arch, cpus, platform, totalmem } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium } from "playwright";
import { chromiumArgs, findChromium } from "../../scripts/chromium.mjs";
import { reportMarkdown } from "../../src/bench/markdown.ts";
import { checkReport } from "../../src/bench/schema.ts";
import type { BenchReport } from "../../src/bench/types.ts";
import { serve } from "../peers/server.ts";
import { runInPage, type Task } from "./browser.ts";
import { buildOf } from "./build.ts";
import { measureCounters } from "./counters.ts";
import { measureHeader } from "./header.ts";
import { measureInTurn } from "./in-turn.ts";
import { headerFile, modelFile } from "./models.ts";
import { type ModelChoice, type Options, parseOptions, titleOf, USAGE } from "./options.ts";
import { judge } from "./verdict.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MODELS = join(ROOT, ".cache/bench");

const say = (line: string) => process.stderr.write(`${line}\n`);

/** Adds what a browser does not tell: how it was called, and on what machine. */
function withCircumstances(report: BenchReport): BenchReport {
  const cpu = cpus()[0]?.model.trim();
  const memoryGigabytes = Math.round(totalmem() / 2 ** 30);
  const system = `${platform()} ${arch()}`;
  const options = process.argv.slice(2);
  const command = ["npm run bench", ...(options.length > 0 ? ["--", ...options] : [])].join(" ");
  return { ...report, command, machine: { ...report.machine, system, ...(cpu && { cpu }), memoryGigabytes } };
}

/** A built page that is served, and carries tasks out in a browser. */
async function servePage(browser: Browser, dist: string, files: readonly string[]) {
  const { origin, server } = await serve({
    "/": dist,
    "/project/src/": join(ROOT, "src"),
    "/project/bench/": join(ROOT, "bench"),
  });
  const run = async (task: Task, turn?: () => Promise<void>) => {
    const onProgress = (line: string) => {
      say(line);
      return turn?.();
    };
    return withCircumstances(await runInPage(browser, task, { origin, files, onProgress, alone: !turn }));
  };
  return { origin, run, close: () => server.close() };
}

type Page = Awaited<ReturnType<typeof servePage>>;

/** Writes a result and its report; returns the report. */
async function write(report: BenchReport, path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(checkReport(report), null, 1)}\n`);
  const markdown = reportMarkdown(report);
  await writeFile(path.replace(/(\.json)?$/, ".md"), `${markdown}\n`);
  return markdown;
}

/** The folder of a built page. */
function builtPage(folder: string): string {
  const page = resolve(folder);
  if (!existsSync(join(page, "index.html"))) throw new Error(`${page} holds no built page: npm run build.`);
  return page;
}

async function fileOf(choice: ModelChoice): Promise<string> {
  say(`Model: ${titleOf(choice)}${"mix" in choice ? ` ${choice.mix}` : ""}`);
  return modelFile(choice, MODELS);
}

const subjectOf = (choice: ModelChoice) => ({
  name: titleOf(choice),
  ...("mix" in choice && { type: choice.mix, synthetic: true }),
});

async function main(options: Options): Promise<void> {
  const { name, plan, models, devices, header, page: writing, dist, against, bound, out } = options;
  const folders = [dist ?? join(ROOT, "dist"), ...(against ? [against] : [])].map(builtPage);
  const files: string[] = [];
  for (const choice of models) files.push(await fileOf(choice));
  const subjects = models.map(subjectOf);
  const task = { name, plan, build: buildOf(ROOT), devices, subjects };
  const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArgs() });
  const pages: Page[] = [];
  try {
    for (const folder of folders) pages.push(await servePage(browser, folder, files));
    const [page, old] = pages;
    const pathOf = ({ date, name }: BenchReport) =>
      join(ROOT, `bench/results/${date.slice(0, 10)}-${name.replaceAll(/\W+/g, "-")}.json`);
    if (!old) {
      const report = await page.run(task);
      if (header) {
        const { shape, mix, ...counts } = header;
        const { path: file, bytes } = await headerFile(shape, mix, MODELS);
        const subject = subjectOf({ shape, mix });
        const asked = { origin: page.origin, file, bytes, subject, ...counts, onProgress: say };
        report.runs.push(await measureHeader(browser, asked));
      }
      if (writing) {
        const { model, ...counts } = writing;
        const [file, subject] = [await fileOf(model), subjectOf(model)];
        for (const device of devices) {
          const asked = { origin: page.origin, file, subject, device, ...counts, onProgress: say };
          report.runs.push(await measureCounters(browser, asked));
        }
      }
      const path = resolve(out ?? pathOf(report));
      console.log(`${await write(report, path)}\n\n${path}`);
      return;
    }
    const [a, b] = await measureInTurn([old.run, page.run], task, say);
    const before = { ...a, name: `${name} ${basename(folders[1])}`, build: { version: a.build.version } };
    const paths = [out ? out.replace(/(\.json)?$/, "-before.json") : pathOf(before), out ?? pathOf(b)].map((path) =>
      resolve(path),
    );
    await write(before, paths[0]);
    await write(b, paths[1]);
    const { text, failed } = judge(before, b, bound);
    console.log(`${text}\n\n${paths.join("\n")}`);
    if (failed) process.exitCode = 1;
  } finally {
    await browser.close();
    for (const { close } of pages) close();
  }
}

try {
  if (process.argv.includes("--help")) console.log(USAGE);
  else await main(parseOptions(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
