import {
  answers,
  answerTexts,
  ask,
  composer,
  ENDLESS,
  expect,
  GREEDY,
  openTiny,
  questions,
  settled,
  type Tab,
  test,
  withSettings,
} from "./flow.ts";

const SHORT = { ...GREEDY, maxTokens: 12 };

const textOfFirst = async (tab: Tab) => (await answerTexts(tab).first.shows(/\S/)).text;

test("asks and answers, with counters", async ({ tab }) => {
  await withSettings(tab, SHORT);
  await openTiny(tab);
  await ask(tab, "Hello there");
  await settled(tab);
  await questions(tab).shows("Hello there");
  const answer = await answers(tab).shows("12 tokens");
  expect(answer.text).toContain("Ended at max tokens");
  const counters = tab.role("region", "Counters");
  await counters.shows("Written12 tokens");
  await counters.shows(/Weights[\d.]+ .B/);
  await counters.role("img", /Milliseconds per token, now [\d.]+/).shows();
  const used = await counters.role("meter", "Tokens in context").shows();
  expect(Number(used.value)).toBeGreaterThan(12);
  await tab.role("status").shows("Answer finished.");
});

test("a long answer arrives to its last token", async ({ tab }) => {
  await withSettings(tab, { ...GREEDY, maxTokens: 1500, load: { contextLength: 4096 } });
  await openTiny(tab);
  await ask(tab, "Write and write");
  await settled(tab);
  await answers(tab).shows("1,500 tokens");
});

test("stopping keeps what was written, and the model goes on afterwards", async ({ tab }) => {
  await withSettings(tab, ENDLESS);
  await openTiny(tab);
  await ask(tab, "Write a long story");
  await answerTexts(tab).shows(/\S{20}/);
  await tab.role("button", "Stop").click();
  await settled(tab);
  await answers(tab).shows("Stopped");
  const partial = await textOfFirst(tab);
  expect(partial.length).toBeGreaterThan(10);
  await ask(tab, "And another");
  await answerTexts(tab).last.shows(/\S/);
  await tab.press("Escape");
  await settled(tab);
  expect(await textOfFirst(tab)).toBe(partial);
});

test("regenerating replaces the answer; the same seed gives the same text", async ({ tab }) => {
  await withSettings(tab, { ...SHORT, sampling: { temperature: 1.5 }, seed: 11 });
  await openTiny(tab);
  await ask(tab, "Hello");
  await settled(tab);
  const text = await textOfFirst(tab);
  await tab.role("button", "Write this answer again").click();
  await settled(tab);
  await answers(tab).counts(1);
  expect(await textOfFirst(tab)).toBe(text);
});

test("editing a message drops what followed and asks again", async ({ tab }) => {
  await withSettings(tab, SHORT);
  await openTiny(tab);
  await ask(tab, "First question");
  await settled(tab);
  await ask(tab, "Second question");
  await settled(tab);
  await questions(tab).first.role("button", "Edit message").click();
  const editor = tab.role("textbox", "Edit message");
  await editor.isFocused();
  await editor.fill("Another question");
  await tab.role("button", "Send again").click();
  await questions(tab).shows("Another question");
  await settled(tab);
  await answers(tab).counts(1);
});

test("by keyboard alone", async ({ tab }) => {
  await withSettings(tab, SHORT);
  await openTiny(tab);
  await composer(tab).isFocused();
  await tab.type("one");
  await tab.press("Shift", "Enter");
  await tab.type("two");
  await tab.press("Enter");
  await settled(tab);
  await questions(tab).shows("one\ntwo");
  await tab.press("ArrowUp");
  const editor = tab.role("textbox", "Edit message");
  await editor.isFocused();
  await tab.press("Escape");
  await editor.isGone();
  await tab.press("Control", ",");
  await tab.role("dialog", "Settings").shows();
  await tab.press("Escape");
  await tab.role("dialog").isGone();
  await tab.press("Control", "/");
  await tab.role("dialog", "Keyboard").shows("New chat");
  await tab.press("Escape");
  await tab.role("dialog").isGone();
  await tab.press("Control", "Shift", "O");
  await questions(tab).isGone();
  await composer(tab).isFocused();
});

test("the conversation outlives the model and a reload of the page", async ({ tab }) => {
  await withSettings(tab, SHORT);
  await openTiny(tab);
  await ask(tab, "Remember me");
  await settled(tab);
  await tab.reload();
  await questions(tab).shows("Remember me");
  await tab.text(/No model is loaded/).shows();
  await tab.role("button", "Open a model").click();
  await openTiny(tab);
  await questions(tab).shows("Remember me");
  await ask(tab, "Go on");
  await settled(tab);
  await answers(tab).counts(2);
});
