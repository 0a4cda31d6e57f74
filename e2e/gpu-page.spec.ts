import { readFileSync } from "node:fs";
import { chromiumArgs, findChromium } from "../scripts/chromium.mjs";
import type { BenchForm } from "../src/app/bench/form.ts";
import { hasReference, referenceJson } from "../test/reference.ts";
import {
  answers,
  ask,
  ENDLESS,
  expect,
  GREEDY,
  openTiny,
  questions,
  ready,
  settled,
  storiesFile,
  test,
  visit,
} from "./page.ts";

/** The page on a GPU where there is none: SwiftShader, which is only taken when it is asked for by name. */
test.use({
  launchOptions: {
    executablePath: findChromium(),
    args: [...chromiumArgs(), "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"],
  },
});
test.describe.configure({ timeout: 180_000 });

const ON_GPU = { load: { backend: "webgpu" } } as const;
/** Kernels compile for seconds each. */
const patient = { timeout: 90_000 };
const ALL = process.env.WEBGGUF_GPU === "all";

test("asks and answers on the GPU in few dispatches, is profiled by its clock and measured in the panel", async ({
  page,
}) => {
  await visit(page, { settings: { ...GREEDY, ...ON_GPU, maxTokens: 12 } });
  await openTiny(page, patient);
  await ask(page, "Hello there");
  await expect(answers(page)).toContainText("12 tokens", patient);
  const counters = page.getByRole("region", { name: "Counters" });
  await expect(counters).toContainText("BackendWebGPU");
  await expect(counters).toContainText(/Dispatches\d+ a token/);

  await page.getByRole("button", { name: "Profile a token" }).click();
  const profile = page.getByRole("region", { name: "Profile" });
  await expect(profile.getByRole("row", { name: /^matvec F32/ })).toBeVisible(patient);
  await expect(profile.getByRole("row", { name: /^attention_decode/ })).toBeVisible();
  await expect(profile).not.toContainText("threads");

  const form: Partial<BenchForm> = { open: true, synthetic: [], set: "custom", prompt: "", generate: "4", rounds: 5 };
  await page.evaluate((form) => localStorage.setItem("webgguf.bench", JSON.stringify(form)), form);
  await page.getByRole("button", { name: "Benchmark", exact: true }).click();
  await page.getByRole("button", { name: "Run the benchmark" }).click();
  const results = page.getByRole("region", { name: "Results of Run 1" });
  await expect(results.getByRole("heading", { name: /F32, webgpu$/ })).toBeVisible(patient);
  await expect(results.getByRole("row", { name: /^tg4 [\d.]+ tokens\/s/ })).toBeVisible();
});

test("a conversation on the GPU: stopped, past a full context, edited, written again, moved to the CPU", async ({
  page,
}) => {
  const sampling = { temperature: 1.2 };
  const load = { backend: "webgpu", contextLength: 96 } as const;
  await visit(page, { settings: { sampling, seed: 11, ignoreEos: true, onContextFull: "shift", load } });
  await openTiny(page, patient);
  const counters = page.getByRole("region", { name: "Counters" });
  const texts = answers(page).locator(".markdown");

  // Longer than the context: the oldest text was dropped on the way.
  await ask(page, "Write");
  await expect(counters).toContainText(/Written(9[7-9]|[1-9]\d\d|\d,\d+) tokens/, patient);
  await page.getByRole("button", { name: "Stop" }).click();
  await settled(page);
  await expect(answers(page).last()).toContainText("Stopped");
  const stopped = await texts.textContent();
  expect(stopped?.length).toBeGreaterThan(96);

  const settings = page.getByRole("dialog", { name: "Settings" });
  await page.getByRole("button", { name: "Settings" }).click();
  await settings.getByLabel("Max tokens").fill("8");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "New chat" }).click();
  await ask(page, "First");
  await settled(page);
  await expect(answers(page)).toContainText("8 tokens", patient);
  const first = await texts.textContent();
  await page.getByRole("button", { name: "Write this answer again" }).click();
  await settled(page);
  await expect(texts).toHaveText(first ?? "", patient);
  await expect(answers(page)).toHaveCount(1);

  await questions(page).first().hover();
  await page.getByRole("button", { name: "Edit message" }).first().click();
  await page.getByRole("textbox", { name: "Edit message" }).fill("Second");
  await page.getByRole("button", { name: "Send again" }).click();
  await settled(page);
  await expect(questions(page)).toHaveText(/Second/);
  await expect(answers(page)).toHaveCount(1);
  const kept = await texts.textContent();

  for (const [backend, name] of [["wasm", "WASM on the CPU"], ...(ALL ? [["webgpu", "WebGPU"]] : [])]) {
    const before = await answers(page).count();
    await page.getByRole("button", { name: "Settings" }).click();
    await settings.getByLabel("Backend").selectOption(backend);
    await settings.getByRole("button", { name: "Load the model again with these" }).click();
    await expect(counters).toContainText(`Backend${name}`, patient);
    await expect(texts.first()).toHaveText(kept ?? "");
    await ask(page, "More");
    await expect(answers(page)).toHaveCount(before + 1);
    await settled(page);
    await expect(answers(page).last()).toContainText("8 tokens", patient);
  }
});

interface OnGpu {
  url: string;
  prompt: string;
  maxTokens: number;
}

/** Opens a file by its address and tells what a greedy continuation gives and costs. */
const continueOnGpu = async ({ url, prompt, maxTokens }: OnGpu) => {
  const model = await window.webgguf.open(url, { backend: "webgpu" });
  const tokens: number[] = [];
  for await (const piece of model.generate(prompt, { temperature: 0, maxTokens, ignoreEos: true }))
    tokens.push(piece.token);
  const { device } = await model.stats();
  const { info } = model;
  await model.close();
  return { tokens, device, layers: info.layerCount, backend: info.backend };
};

test("chooses the golden tokens on the device and reads back nothing else", async ({ page }) => {
  test.skip(!hasReference, "needs the reference data");
  const golden = referenceJson<{ prompt: string; greedy: number[] }>("real/stories260K.json");
  await page.route("**/stories.gguf", (route) => route.fulfill({ body: readFileSync(storiesFile!) }));
  await visit(page);
  const request = { url: "http://localhost:4173/stories.gguf", prompt: golden.prompt, maxTokens: golden.greedy.length };
  const { tokens, device, layers, backend } = await page.evaluate(continueOnGpu, request);
  expect(backend).toBe("webgpu");
  expect(tokens).toEqual(golden.greedy);
  // Embedding, the rows that are wanted, the output and two for the choice stand beside the layers.
  expect(device?.dispatchesPerToken).toBeLessThanOrEqual(7 * layers + 5);
  expect(device?.bytesRead).toBe(4 * (device?.deviceTokens ?? 0));
  expect(device).toMatchObject({ buffersCreated: 0, bindGroupsCreated: 0 });
});

test("a lost device leaves the answer and a way back", async ({ page, browser }) => {
  await visit(page, { settings: { ...ENDLESS, load: { backend: "webgpu", contextLength: 4096 } } });
  await openTiny(page, patient);
  await ask(page, "Write a long story");
  const answer = answers(page).last().locator(".markdown");
  await expect(answer).toHaveText(/\S{20}/, patient);
  const devtools = await browser.newBrowserCDPSession();
  await devtools.send("Browser.crashGpuProcess");
  const problem = page.getByRole("alert");
  await expect(problem).toContainText("The device stopped unexpectedly", patient);
  const kept = await answer.textContent();
  expect(kept?.length).toBeGreaterThan(20);
  await problem.getByRole("button", { name: "Load it on the CPU" }).click();
  await expect(ready(page)).toBeVisible(patient);
  await expect(answer).toHaveText(kept ?? "");
  await expect(page.getByRole("region", { name: "Counters" })).toContainText("BackendWASM on the CPU");
  await ask(page, "And another");
  await expect(answers(page)).toHaveCount(2);
  await page.getByRole("button", { name: "Stop" }).click();
  await settled(page);
});
