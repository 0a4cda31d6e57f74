import { readFileSync } from "node:fs";
import { chromiumArgs, findChromium } from "../scripts/chromium.mjs";
import { hasReference, referenceJson } from "../test/reference.ts";
import { answers, ask, ENDLESS, expect, GREEDY, openTiny, ready, settled, storiesFile, test, visit } from "./page.ts";

/** The page on a GPU where there is none: SwiftShader, which is only taken when it is asked for by name. */
test.use({
  launchOptions: {
    executablePath: findChromium(),
    args: [...chromiumArgs(), "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"],
  },
});
test.describe.configure({ timeout: 180_000 });

const ON_GPU = { load: { backend: "webgpu" } } as const;
const patient = { timeout: 90_000 };

test("asks and answers on the GPU, few dispatches a token", async ({ page }) => {
  await visit(page, { settings: { ...GREEDY, ...ON_GPU, maxTokens: 12 } });
  await openTiny(page);
  await ask(page, "Hello there");
  await expect(answers(page)).toContainText("12 tokens", patient);
  const counters = page.getByRole("region", { name: "Counters" });
  await expect(counters).toContainText("BackendWebGPU");
  await expect(counters).toContainText(/Dispatches\d+ a token/);
});

test("profiles a token by the GPU's own clock", async ({ page }) => {
  await visit(page, { settings: { ...GREEDY, ...ON_GPU, maxTokens: 4 } });
  await openTiny(page);
  await page.getByRole("button", { name: "Profile a token" }).click();
  const profile = page.getByRole("region", { name: "Profile" });
  await expect(profile.getByRole("row", { name: /^matvec F32/ })).toBeVisible(patient);
  await expect(profile.getByRole("row", { name: /^attention_decode/ })).toBeVisible();
  await expect(profile).not.toContainText("threads");
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
  await openTiny(page);
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
