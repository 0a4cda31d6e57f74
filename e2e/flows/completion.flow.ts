import { ENDLESS, expect, GREEDY, openTiny, test, withSettings } from "./flow.ts";

const START = "Once upon a time";

test("goes on with the text, and takes it back", async ({ tab }) => {
  await withSettings(tab, { ...GREEDY, maxTokens: 12 });
  await openTiny(tab);
  await tab.role("button", "Completion").click();
  const text = tab.role("textbox", "Text to continue");
  await text.fill(START);
  await tab.role("button", "Continue").click();
  await tab.text("Ended at max tokens").shows();
  const written = (await text.shows()).value;
  expect(written?.startsWith(START)).toBe(true);
  expect(written?.length).toBeGreaterThan(START.length);
  await tab.role("button", "Undo").click();
  await text.holds(START);
  await text.click();
  await tab.press("Control", "Enter");
  await tab.text("Ended at max tokens").shows();
  await text.holds(written ?? "");
});

test("is stopped, keeps what was written and goes on", async ({ tab }) => {
  await withSettings(tab, ENDLESS);
  await openTiny(tab);
  await tab.role("button", "Completion").click();
  const text = tab.role("textbox", "Text to continue");
  await text.fill(START);
  const length = async () => (await text.shows()).value?.length ?? 0;
  for (const stop of [() => tab.role("button", "Stop").click(), () => tab.press("Escape")]) {
    const before = await length();
    await tab.role("button", "Continue").click();
    await expect.poll(length).toBeGreaterThan(before + 20);
    await stop();
    await tab.text("Stopped").shows();
    await tab.role("button", "Continue").shows();
    expect(await length()).toBeGreaterThan(before + 20);
  }
});
