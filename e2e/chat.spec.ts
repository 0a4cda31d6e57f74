import { answers, ask, composer, ENDLESS, expect, GREEDY, openTiny, questions, settled, test, visit } from "./page.ts";

const SHORT = { ...GREEDY, maxTokens: 12 };

test("asks and answers, with counters", async ({ page }) => {
  await visit(page, { settings: SHORT });
  await openTiny(page);
  await ask(page, "Hello there");
  await settled(page);
  await expect(questions(page)).toContainText("Hello there");
  await expect(answers(page)).toContainText("12 tokens");
  await expect(answers(page)).toContainText("Ended at max tokens");
  const counters = page.getByRole("region", { name: "Counters" });
  await expect(counters).toContainText("Written12 tokens");
  await expect(counters.getByRole("img", { name: /Milliseconds per token, now [\d.]+/ })).toBeVisible();
  const used = await counters.getByRole("meter", { name: "Tokens in context" }).getAttribute("value");
  expect(Number(used)).toBeGreaterThan(12);
  await expect(counters).toContainText(/Weights[\d.]+ .B/);
  await expect(page.getByRole("status")).toContainText("Answer finished.");
});

test("a long answer arrives to its last token", async ({ page }) => {
  await visit(page, { settings: { ...GREEDY, maxTokens: 1500, load: { contextLength: 4096 } } });
  await openTiny(page);
  await ask(page, "Write and write");
  await settled(page);
  await expect(answers(page)).toContainText("1,500 tokens");
});

test("stopping keeps what was written, and the model goes on afterwards", async ({ page }) => {
  await visit(page, { settings: ENDLESS });
  await openTiny(page);
  await ask(page, "Write a long story");
  await expect(answers(page).last().locator(".markdown")).toHaveText(/\S{20}/);
  await page.getByRole("button", { name: "Stop" }).click();
  await settled(page);
  await expect(answers(page).last()).toContainText("Stopped");
  const partial = await answers(page).last().locator(".markdown").textContent();
  expect(partial?.length).toBeGreaterThan(10);
  await ask(page, "And another");
  await expect(answers(page).last().locator(".markdown")).toHaveText(/\S/);
  await page.keyboard.press("Escape");
  await settled(page);
  await expect(answers(page).first().locator(".markdown")).toHaveText(partial ?? "");
});

test("regenerating replaces the answer; the same seed gives the same text", async ({ page }) => {
  await visit(page, { settings: { ...SHORT, sampling: { temperature: 1.5 }, seed: 11 } });
  await openTiny(page);
  await ask(page, "Hello");
  await settled(page);
  const text = await answers(page).locator(".markdown").textContent();
  await page.getByRole("button", { name: "Write this answer again" }).click();
  await expect(page.getByRole("button", { name: "Send" })).toBeVisible();
  await settled(page);
  await expect(answers(page)).toHaveCount(1);
  expect(await answers(page).locator(".markdown").textContent()).toBe(text);
});

test("editing a message drops what followed and asks again", async ({ page }) => {
  await visit(page, { settings: SHORT });
  await openTiny(page);
  await ask(page, "First question");
  await settled(page);
  await ask(page, "Second question");
  await settled(page);
  await questions(page).first().hover();
  await page.getByRole("button", { name: "Edit message" }).first().click();
  const editor = page.getByRole("textbox", { name: "Edit message" });
  await expect(editor).toBeFocused();
  await editor.fill("Another question");
  await page.getByRole("button", { name: "Send again" }).click();
  await settled(page);
  await expect(questions(page)).toHaveCount(1);
  await expect(questions(page)).toContainText("Another question");
  await expect(answers(page)).toHaveCount(1);
});

test("by keyboard alone", async ({ page }) => {
  await visit(page, { settings: SHORT });
  await openTiny(page);
  await expect(composer(page)).toBeFocused();
  await page.keyboard.type("one");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("two");
  await page.keyboard.press("Enter");
  await settled(page);
  await expect(questions(page).locator("p")).toHaveText("one\ntwo", { useInnerText: true });
  await page.keyboard.press("ArrowUp");
  await expect(page.getByRole("textbox", { name: "Edit message" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("textbox", { name: "Edit message" })).toHaveCount(0);
  await page.keyboard.press("Control+,");
  await expect(page.getByRole("dialog", { name: "Settings" })).toBeVisible();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+/");
  await expect(page.getByRole("dialog", { name: "Keyboard" })).toContainText("New chat");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+Shift+O");
  await expect(questions(page)).toHaveCount(0);
  await expect(composer(page)).toBeFocused();
});

test("the conversation outlives the model and a reload of the page", async ({ page }) => {
  await visit(page, { settings: SHORT });
  await openTiny(page);
  await ask(page, "Remember me");
  await settled(page);
  await page.reload();
  await expect(questions(page)).toContainText("Remember me");
  await expect(page.getByText("No model is loaded")).toBeVisible();
  await openTiny(page);
  await expect(questions(page)).toContainText("Remember me");
  await ask(page, "Go on");
  await settled(page);
  await expect(answers(page)).toHaveCount(2);
});
