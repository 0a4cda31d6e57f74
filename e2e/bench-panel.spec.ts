import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import type { BenchForm } from "../src/app/bench/form.ts";
import { checkReport } from "../src/bench/schema.ts";
import { rates, reportOf } from "../src/bench/testing.ts";
import { SHORT } from "./bench-form.ts";
import {
  answers,
  ask,
  composer,
  expect,
  GREEDY,
  openTiny,
  questions,
  settled,
  temporaryFile,
  test,
  visit,
} from "./page.ts";

/** Opens the panel as a person who had set it up so before. */
async function openPanel(page: Page, form: Partial<BenchForm> = SHORT): Promise<void> {
  await page.evaluate((form) => localStorage.setItem("webgguf.bench", JSON.stringify(form)), form);
  await page.getByRole("button", { name: "Benchmark", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Benchmark" })).toBeVisible();
}

const run = (page: Page) => page.getByRole("button", { name: "Run the benchmark" });
const results = (page: Page, name: string) => page.getByRole("region", { name: `Results of ${name}` });
const history = (page: Page) => page.getByRole("region", { name: "History" });
const importInput = (page: Page) => history(page).locator('input[type="file"]');

async function runToEnd(page: Page, name: string): Promise<void> {
  await run(page).click();
  await expect(results(page, name)).toBeVisible();
}

test("a run is exported, deleted and imported", async ({ page }) => {
  await visit(page);
  await openPanel(page);
  await runToEnd(page, "Run 1");
  const name = results(page, "Run 1").getByRole("textbox", { name: "Name of this run" });
  await name.fill("before");
  await name.press("Enter");
  await expect(results(page, "before")).toBeVisible();

  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export JSON" }).click();
  const file = await saved;
  expect(file.suggestedFilename()).toBe("webgguf-bench-before.json");
  const report = checkReport(JSON.parse(readFileSync(await file.path(), "utf8")));
  expect(report).toMatchObject({ name: "before", plan: { set: "custom", opens: 1, rounds: 5, warmups: 1 } });
  expect(report.build.version).toMatch(/^\d+\.\d+\.\d+/);
  expect(report.runs[0].tests.find(({ id }) => id === "tg4")?.samples).toHaveLength(5);
  expect(report.runs[0].tests.some(({ id }) => id === "open weights")).toBe(true);

  await page.getByRole("button", { name: "Delete this run" }).click();
  await expect(page.getByText("How fast is this machine?")).toBeVisible();
  const bad = { ...report, runs: [{ ...report.runs[0], backend: "quantum" }] };
  await importInput(page).setInputFiles(temporaryFile("bad-bench.json", JSON.stringify(bad)));
  const alert = history(page).getByRole("alert");
  await expect(alert).toContainText('at runs[0].backend there is "quantum", expected one of');
  await importInput(page).setInputFiles(temporaryFile("no-bench.json", "GGUF"));
  await expect(alert).toContainText("it is not JSON");
  await importInput(page).setInputFiles(
    temporaryFile("good-bench.json", JSON.stringify({ ...report, name: "imported" })),
  );
  await expect(results(page, "imported").getByRole("row", { name: /^tg4 / }).first()).toBeVisible();
  await expect(alert).toHaveCount(0);
});

test("is cancelled in the middle, says so, and runs again", async ({ page }) => {
  await visit(page);
  await openPanel(page, { ...SHORT, rounds: 100, generate: "64" });
  await run(page).click();
  const underWay = page.getByRole("region", { name: "Benchmark under way" });
  await expect(underWay).toContainText(/[1-9]\d* of \d+ · about .* left/);
  await expect(page.getByRole("textbox", { name: "Threads of the CPU path" })).toBeDisabled();
  // It is not left while it measures.
  await page.keyboard.press("Control+b");
  await expect(underWay).toBeVisible();
  await underWay.getByRole("button", { name: "Cancel" }).click();
  const warnings = results(page, "Run 1").getByRole("list", { name: "Warnings" });
  await expect(warnings).toContainText("stopped before it was through");
  await expect(run(page)).toBeEnabled();
  await page.getByRole("textbox", { name: "Rounds" }).fill("1");
  await page.getByRole("textbox", { name: "Answers (tg)" }).fill("4");
  await runToEnd(page, "Run 2");
  await expect(results(page, "Run 2")).not.toContainText("stopped before");
});

test("notices a program that keeps one of the processors busy", async ({ page }) => {
  await visit(page);
  await openPanel(page);
  const busy = spawn(process.execPath, ["-e", "while (true);"]);
  try {
    await runToEnd(page, "Run 1");
    await expect(results(page, "Run 1")).toContainText("Other programs were using the processor");
  } finally {
    busy.kill();
  }
});

test("compares two runs, and says which differences are none", async ({ page }) => {
  await visit(page);
  await openPanel(page);
  const machine = { browser: "A 1", system: "Linux", logicalProcessors: 2, isolated: true };
  const steady = [100, 101, 102, 103, 104, 105];
  const faster = steady.map((value) => 1.5 * value);
  const before = reportOf([rates("pp16", steady), rates("tg4", steady)], { name: "before", machine });
  const after = reportOf([rates("pp16", faster), rates("tg4", steady)], {
    name: "after",
    machine: { ...machine, browser: "A 2" },
  });
  for (const report of [before, after]) {
    await importInput(page).setInputFiles(temporaryFile(`${report.name}.json`, JSON.stringify(report)));
    await expect(results(page, report.name)).toBeVisible();
  }
  const compare = page.getByRole("button", { name: "Compare", exact: true });
  await expect(compare).toBeDisabled();
  for (const name of ["after", "before"]) await page.getByRole("checkbox", { name: `Compare ${name}` }).check();
  await compare.click();
  const comparison = page.getByRole("region", { name: "Comparison", exact: true });
  await expect(comparison.getByRole("row", { name: /^pp16 / })).toContainText(/faster.*1\.50×.*< 0\.001/);
  await expect(comparison.getByRole("row", { name: /^tg4 / })).toContainText(/no difference.*1\.00×/);
  await expect(comparison).toContainText("Of 2 tests, the second run is significantly 1 faster.");
  await expect(comparison).toContainText("browser: A 1 and A 2");
  await comparison.getByRole("combobox", { name: "First" }).selectOption({ index: 0 });
  await expect(comparison).toContainText("No significant difference in 2 tests.");
});

test("measures the open model, closes it for another, and gives it back", async ({ page }) => {
  await visit(page, { settings: { ...GREEDY, maxTokens: 8, load: { backend: "wasm" } } });
  await openTiny(page);
  await ask(page, "Remember me");
  await settled(page);
  await composer(page).fill("half a thought");
  await openPanel(page, { ...SHORT, synthetic: [], open: true });
  await runToEnd(page, "Run 1");
  await expect(
    results(page, "Run 1").getByRole("heading", { name: /^Tiny shape, random weights F32, wasm/ }),
  ).toBeVisible();
  await page.keyboard.press("Control+b");
  await expect(composer(page)).toHaveValue("half a thought");
  await ask(page, "And now");
  await settled(page);
  await expect(answers(page)).toHaveCount(2);

  await page.keyboard.press("Control+b");
  await page.getByRole("combobox", { name: "Shape" }).selectOption("Tiny");
  await page.getByRole("button", { name: "Add" }).click();
  await page.getByRole("checkbox", { name: /^Close .* for the others/ }).check();
  await runToEnd(page, "Run 2");
  await expect(results(page, "Run 2").getByRole("heading", { level: 4 })).toHaveCount(2);
  const closed = page.getByRole("region", { name: "Closed model" });
  await closed.getByRole("button", { name: "Load it again" }).click();
  await expect(closed).toHaveCount(0);
  await page.getByRole("button", { name: "Chat", exact: true }).click();
  await expect(questions(page)).toHaveCount(2);
  await ask(page, "Still there?");
  await settled(page);
  await expect(answers(page)).toHaveCount(3);
});

test("makes a file on disk, stops making one, keeps and deletes it", async ({ page }) => {
  await visit(page);
  await openPanel(page, { ...SHORT, rounds: 1, depths: "0", synthetic: [{ shape: "qwen2.5-0.5b", mix: "Q4_0" }] });
  await expect(page.getByText(/To be made: about \d+ MB; the browser has room for/)).toBeVisible();
  await run(page).click();
  await expect(page.getByRole("heading", { name: "Making qwen2.5-0.5b-Q4_0.gguf" })).toBeVisible();
  await expect(page.getByText(/[\d.]+ MB of \d+ MB/)).toBeVisible();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(run(page)).toBeEnabled();
  await expect(page.getByText("kept in the browser")).toHaveCount(0);
  await page.getByRole("button", { name: "Leave out Qwen2.5 0.5B Q4_0" }).click();

  await page.getByRole("combobox", { name: "Shape" }).selectOption("Tiny");
  await page.getByRole("combobox", { name: "Type" }).selectOption("F32");
  await page.getByRole("button", { name: "Add" }).click();
  await runToEnd(page, "Run 1");
  const kept = () =>
    page.evaluate(async () => {
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("synthetic");
      const names: string[] = [];
      for await (const name of folder.keys()) names.push(name);
      return names;
    });
  expect(await kept()).toEqual(["tiny-F32.gguf"]);
  await page.reload();
  await page.getByRole("button", { name: "Benchmark", exact: true }).click();
  await page.getByText("1 file kept in the browser").click();
  await page.getByRole("button", { name: "Delete tiny-F32.gguf" }).click();
  await expect(page.getByText("kept in the browser")).toHaveCount(0);
  expect(await kept()).toEqual([]);
});
