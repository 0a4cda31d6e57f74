/**
 * Compares webgguf with wllama, in the same browser, and with native llama.cpp, on the same files: `npm run bench:peers`.
 * The engines take turns, round by round, in an order that rotates; never do two run at once. Single products beside
 * llama.cpp's come first, where its tests of them are given.
 */
import { existsSync } from "node:fs";
import { mkdir, stat, writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium } from "playwright";
import { chromiumArgs, findChromium } from "../../scripts/chromium.mjs";
import { machineFacts, turns } from "../comparison.ts";
import { measureInBrowser } from "./browser.ts";
import { measureNative } from "./native.ts";
import { type Options, parseOptions, USAGE } from "./options.ts";
import { measureProducts } from "./products.ts";
import { serve } from "./server.ts";
import { markdown } from "./table.ts";
import type { EngineName, FileResult, Measurement, Report, Round } from "./types.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const { LLAMA_BENCH, LLAMA_OPS } = process.env;
const WLLAMA = resolve(process.env.WLLAMA_DIR ?? join(ROOT, "node_modules/@wllama/wllama"));
const DIST = join(ROOT, "dist");

/** What is missing before the run can start, each with the way to get it. */
function missing({ engines, models }: Options): string[] {
  const lines = models.filter((model) => !existsSync(model)).map((model) => `There is no file ${model}.`);
  const uses = (engine: EngineName) => models.length > 0 && engines.includes(engine);
  if ((uses("webgguf") || LLAMA_OPS) && !existsSync(join(DIST, "index.html"))) {
    lines.push("The page is not built: npm run build.");
  }
  if (uses("wllama") && !existsSync(join(WLLAMA, "esm/index.js"))) {
    lines.push(`@wllama/wllama is not in ${WLLAMA}: npm i --no-save @wllama/wllama, or set WLLAMA_DIR.`);
  }
  if (uses("native") && !existsSync(LLAMA_BENCH ?? "")) {
    lines.push(`LLAMA_BENCH is ${LLAMA_BENCH}, and there is no such file.`);
  }
  if (LLAMA_OPS && !existsSync(LLAMA_OPS)) lines.push(`LLAMA_OPS is ${LLAMA_OPS}, and there is no such file.`);
  return lines;
}

async function measure(engine: EngineName, model: string, options: Options, browser: Browser, origin: string) {
  const path = resolve(model);
  if (engine === "native") return measureNative(LLAMA_BENCH as string, path, options.task, options.limitSeconds);
  return measureInBrowser(browser, origin, engine, path, options.task, options.limitSeconds);
}

async function runFile(model: string, options: Options, browser: Browser, origin: string): Promise<FileResult> {
  const rounds: Round[] = [];
  for (let round = 0; round < options.rounds; round++) {
    for (const engine of turns(options.engines, round)) {
      const loadBefore = loadavg()[0];
      process.stderr.write(`${basename(model)}, round ${round + 1} of ${options.rounds}: ${engine}\n`);
      let measurement: Measurement | undefined;
      let error: string | undefined;
      try {
        measurement = await measure(engine, model, options, browser, origin);
      } catch (reason) {
        error = reason instanceof Error ? reason.message : String(reason);
      }
      rounds.push({ round: round + 1, engine, measurement, error, loadBefore });
    }
  }
  return { file: basename(model), bytes: (await stat(model)).size, rounds };
}

async function main(options: Options): Promise<boolean> {
  const executablePath = findChromium();
  const { origin, server } = await serve({
    "/": DIST,
    "/peers/": dirname(fileURLToPath(import.meta.url)),
    "/wllama/": WLLAMA,
  });
  const browser = await chromium.launch({ executablePath, args: chromiumArgs() });
  try {
    const report: Report = {
      date: new Date().toISOString(),
      machine: {
        ...machineFacts(),
        browser: `Chromium ${browser.version()}`,
      },
      task: options.task,
      files: [],
    };
    const save = () => writeFile(options.out, `${JSON.stringify(report, null, 2)}\n`);
    await mkdir(dirname(resolve(options.out)), { recursive: true });
    if (LLAMA_OPS) {
      report.products = await measureProducts(LLAMA_OPS, options, browser, origin);
      await save();
    }
    for (const model of options.models) {
      report.files.push(await runFile(model, options, browser, origin));
      await save();
    }
    console.log(`${markdown(report)}\n`);
    return [...report.files, report.products].every((part) => part?.rounds.every((round) => !round.error) ?? true);
  } finally {
    await browser.close();
    server.close();
  }
}

try {
  if (process.argv.includes("--help")) {
    console.log(USAGE);
  } else {
    const options = parseOptions(process.argv.slice(2), Boolean(LLAMA_BENCH), Boolean(LLAMA_OPS));
    const lines = missing(options);
    if (lines.length) throw new Error(lines.join("\n"));
    process.exitCode = (await main(options)) ? 0 : 1;
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
