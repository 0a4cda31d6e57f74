import { readFileSync } from "node:fs";
import type { Locator } from "@playwright/test";
import type { Profile } from "../src/core/api.ts";
import type { TraceEvent } from "../src/core/profile.ts";
import { answers, ask, ENDLESS, expect, GREEDY, openTiny, settled, test, visit } from "./page.ts";

/** The label of the option that begins so. */
const optionOf = async (inside: Locator, start: string) =>
  (await inside.getByRole("option").allTextContents()).find((text) => text.startsWith(`${start}:`)) ?? "";

test("profiles a token on the CPU, shows its timeline and exports it", async ({ page }) => {
  await visit(page, { settings: { ...GREEDY, maxTokens: 8, load: { backend: "wasm" } } });
  await openTiny(page);
  await ask(page, "Hello");
  await settled(page);
  const profile = page.getByRole("region", { name: "Profile" });
  await profile.getByRole("button", { name: "Profile a token" }).click();
  await expect(profile.getByRole("row", { name: /^matmul F32/ })).toBeVisible();
  await expect(profile.getByRole("row", { name: /^attention/ }).first()).toBeVisible();
  await expect(profile.getByRole("caption")).toContainText(/One token behind \d+ took [\d.]+ .s/);
  await expect(profile).toContainText(/threads work \d+ % of the time/);
  const shares = await profile.locator("tbody td:nth-child(4)").allTextContents();
  const numbers = shares.map(Number.parseFloat);
  expect(numbers).toEqual([...numbers].sort((a, b) => b - a));
  expect(numbers.reduce((sum, share) => sum + share, 0)).toBeCloseTo(100, 0);

  await profile.getByRole("button", { name: "Timeline" }).click();
  const timeline = page.getByRole("dialog", { name: /^Timeline: One token behind \d+$/ });
  await expect(timeline.getByRole("img", { name: /^Parts of the model: .*blk\.\d/ })).toBeVisible();
  await expect(timeline.getByText(/^Thread 0 · works \d+ % of this time$/)).toBeVisible();
  const bars = timeline.getByRole("img", { name: /^Steps: / }).locator("rect");
  const all = await bars.count();
  await timeline.getByRole("combobox", { name: "Show" }).selectOption({ label: await optionOf(timeline, "blk.0") });
  await expect.poll(() => bars.count()).toBeLessThan(all);
  await page.keyboard.press("Escape");

  await profile.getByRole("button", { name: "Profile a prompt" }).click();
  await expect(profile.getByRole("caption")).toContainText(/A prompt of 128 behind \d+ took/);

  const saved = page.waitForEvent("download");
  await profile.getByRole("button", { name: "Export trace" }).click();
  const file = await saved;
  expect(file.suggestedFilename()).toMatch(/-trace\.json$/);
  const { traceEvents } = JSON.parse(readFileSync(await file.path(), "utf8")) as { traceEvents: TraceEvent[] };
  const complete = traceEvents.filter((event) => event.ph === "X");
  expect(complete.length).toBeGreaterThan(10);
  expect(complete.every(({ ts, dur }) => Number.isFinite(ts) && Number.isFinite(dur) && (dur ?? -1) >= 0)).toBe(true);
  expect(new Set(complete.map((event) => event.tid)).size).toBeGreaterThan(1);

  // The conversation goes on from the cache as it was.
  await ask(page, "And then");
  await expect(answers(page)).toHaveCount(2);
  await settled(page);
});

test("an answer and a profile do not meet", async ({ page }) => {
  await visit(page, { settings: { ...ENDLESS, load: { backend: "wasm", contextLength: 4096 } } });
  await openTiny(page);
  const button = page.getByRole("button", { name: "Profile a token" });
  await button.click();
  await ask(page, "Write a long story");
  await expect(answers(page).last().locator(".markdown")).toHaveText(/\S{20}/);
  await expect(button).toBeDisabled();
  await page.keyboard.press("Escape");
  await settled(page);
  await expect(button).toBeEnabled();
});

test("refuses a profile while something else runs, by its code", async ({ page }) => {
  await page.route("**/tiny.gguf", (route) => route.fulfill({ path: ".cache/e2e/tiny.gguf" }));
  await visit(page);
  const profileDuring = async (url: string): Promise<{ code?: string; after: Profile }> => {
    const model = await window.webgguf.open(url, { backend: "wasm" });
    const long = model.bench({ promptTokens: 100, generateTokens: 50, repetitions: 20 });
    const refused = await model.profile().then(
      () => undefined,
      (error: { code: string }) => error.code,
    );
    await long;
    const after = await model.profile({ contextDepth: 20, repetitions: 3 });
    await model.close();
    return { code: refused, after };
  };
  const { code, after } = await page.evaluate(profileDuring, "http://localhost:4173/tiny.gguf");
  expect(code).toBe("busy");
  expect(after).toMatchObject({ tokens: 1, contextDepth: 20, repetitions: 3 });
  const sum = after.steps.reduce((total, step) => total + step.microseconds, 0);
  expect(Math.abs(sum - after.wallMicroseconds)).toBeLessThanOrEqual(0.05 * after.wallMicroseconds);
});
