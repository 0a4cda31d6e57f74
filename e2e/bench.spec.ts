import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { serve } from "../bench/peers/server.ts";
import { runInPage, type Task } from "../bench/run/browser.ts";
import { measureCounters } from "../bench/run/counters.ts";
import { measureInTurn } from "../bench/run/in-turn.ts";
import { compareReports, regressions } from "../src/bench/compare.ts";
import { checkReport } from "../src/bench/schema.ts";
import type { BenchPlan } from "../src/bench/types.ts";
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

const taskOf = (plan: BenchPlan): Task => ({
  name: "test",
  plan,
  build: { version: "0" },
  devices: [{ backend: "wasm" }],
  subjects: [{ name: "Fixture", type: "F32", synthetic: true }],
});

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

test("measures the page", async ({ browser }) => {
  const { origin, server } = await served(join(root, "dist"));
  const surroundings = { origin, files: [tinyFile], onProgress: () => {}, alone: true };
  const report = await runInPage(browser, taskOf(PLAN), surroundings).finally(() => server.close());
  expect(checkReport(report)).toBe(report);
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
});

test("measures two builds in turn, step by step, and finds the slower one slower", async ({ browser }) => {
  const servers = [join(root, "dist"), slowBuild()].map(served);
  const steps: string[] = [];
  const pages = servers.map((serving, which) => async (task: Task, turn: () => Promise<void>) => {
    const onProgress = async (line: string) => {
      await turn();
      steps.push(`${which} ${line.replace(/^.*?: /, "")}`);
    };
    const { origin } = await serving;
    return runInPage(browser, task, { origin, files: [tinyFile], onProgress, alone: false });
  });
  const plan = { ...PLAN, opens: 4, rounds: 2, depths: [0], tokenizer: false, vocabularies: [], kernels: [] };
  try {
    const [a, b] = await measureInTurn([pages[0], pages[1]], taskOf(plan), () => {});
    const comparison = compareReports(checkReport(a), checkReport(b));
    expect(comparison.inTurn).toBe(true);
    expect(regressions(comparison, 5).map(({ test }) => test)).toContain("tg16");
    // Each step is done by one, then by the other.
    expect(steps.length).toBeGreaterThan(4 * 2 * 8);
    for (let i = 0; i < steps.length; i += 2) {
      expect([steps[i], steps[i + 1]].map((step) => step.slice(2))).toEqual(Array(2).fill(steps[i].slice(2)));
      expect(steps[i][0]).not.toBe(steps[i + 1][0]);
    }
  } finally {
    for (const serving of servers) (await serving).server.close();
  }
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
