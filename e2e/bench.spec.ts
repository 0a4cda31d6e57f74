import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser } from "@playwright/test";
import { serve } from "../bench/peers/server.ts";
import { runInPage } from "../bench/run/browser.ts";
import { measureCounters } from "../bench/run/counters.ts";
import { compareReports, regressions } from "../src/bench/compare.ts";
import { checkReport } from "../src/bench/schema.ts";
import type { BenchPlan, BenchReport } from "../src/bench/types.ts";
import { expect, test, tinyFile } from "./page.ts";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

const PLAN: BenchPlan = {
  set: "custom",
  opens: 2,
  rounds: 4,
  warmups: 1,
  prompt: [16],
  generate: [16],
  depths: [0, 32],
  firstToken: [16],
  tokenizer: true,
  vocabularies: [1000],
  kernels: [{ kernel: "matmul", dtype: "Q8_0", width: 256, out: 256, tokens: 1 }],
};

const served = (dist: string) =>
  serve({ "/": dist, "/project/src/": join(root, "src"), "/project/bench/": join(root, "bench") });

/** Runs a plan in the page of a folder, as `npm run bench` does. */
async function measured(browser: Browser, dist: string, plan: BenchPlan): Promise<BenchReport> {
  const { origin, server } = await served(dist);
  try {
    const subjects = [{ name: "Fixture", type: "F32", synthetic: true }];
    const task = { name: "test", plan, build: { version: "0" }, devices: [{ backend: "wasm" as const }], subjects };
    const report = await runInPage(browser, task, { origin, files: [tinyFile], onProgress: () => {} });
    return checkReport(report);
  } finally {
    server.close();
  }
}

/** A copy of the built page in which every run of the CPU path begins with three idle milliseconds. */
function slowBuild(): string {
  const folder = join(root, ".cache/e2e/slow-dist");
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(root, "dist"), folder, { recursive: true });
  const host = readdirSync(join(folder, "assets")).find((name) => /^host-.*\.js$/.test(name));
  const path = join(folder, "assets", host as string);
  const slower = `
const { instantiate } = WebAssembly;
WebAssembly.instantiate = async (...args) => {
  const { exports } = await instantiate(...args);
  const begin = () => {
    const end = performance.now() + 3;
    while (performance.now() < end);
    exports.begin();
  };
  return { exports: { ...exports, begin } };
};`;
  writeFileSync(path, `${readFileSync(path, "utf8")}\n${slower}`);
  return folder;
}

test("measures the page, and finds a slower build slower", async ({ browser }) => {
  const report = await measured(browser, join(root, "dist"), PLAN);
  const [model, kernels, sampling] = report.runs;
  expect(report.runs.map(({ error }) => error)).toEqual([undefined, undefined, undefined]);
  expect(model.tests.map(({ id }) => id)).toEqual(
    expect.arrayContaining([
      "open header",
      "open",
      "pp16",
      "tg16",
      "ttft16",
      "tg16 @ d32",
      "encode",
      "decode sentence",
    ]),
  );
  expect(model.tests.find(({ id }) => id === "tg16 @ d32")?.samples).toHaveLength(8);
  expect(kernels.tests.map(({ id }) => id)).toEqual(
    expect.arrayContaining(["ceiling copy", "ceiling int8", "matmul Q8_0 256×256, 1 token"]),
  );
  expect(sampling.tests.map(({ id }) => id)).toContain("defaults, 1000 tokens");
  expect(report.machine.isolated).toBe(true);
  expect(report.machine.browser).toMatch(/\d/);

  const only = { ...PLAN, depths: [0], tokenizer: false, vocabularies: [], kernels: [] };
  const comparison = compareReports(report, await measured(browser, slowBuild(), only));
  expect(regressions(comparison, 5).map(({ test }) => test)).toEqual(expect.arrayContaining(["tg16", "ttft16"]));
});

test("measures answers in the page, with moving counters and with still ones", async ({ browser }) => {
  const { origin, server } = await served(join(root, "dist"));
  try {
    const device = { backend: "wasm", threads: 2 };
    const task = { origin, file: tinyFile, subject: { name: "Fixture" }, device, tokens: 20, answers: 2 };
    const run = await measureCounters(browser, { ...task, onProgress: () => {} });
    expect(run).toMatchObject({ kind: "page", subject: "Fixture", backend: "wasm", threads: 2 });
    expect(run.device).toContain("WASM on the CPU");
    expect(run.tests.map(({ id, samples }) => [id, samples.length])).toEqual([
      ["tg20, counters moving", 2],
      ["tg20, counters still", 2],
    ]);
  } finally {
    server.close();
  }
});
