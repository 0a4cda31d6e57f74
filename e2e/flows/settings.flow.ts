import { openTiny, test } from "./flow.ts";

test("settings persist, and load options take effect on loading again", async ({ tab }) => {
  await openTiny(tab);
  await tab.role("button", "Settings").click();
  const settings = tab.role("dialog", "Settings");
  await settings.role("button", "Exact").click();
  await settings.role("textbox", "Max tokens").fill("33");
  await settings.role("textbox", "System prompt").fill("Be brief.");
  await settings.role("textbox", "Top K").fill("-3");
  await settings.text("A whole number from 0 up.").shows();
  await settings.role("textbox", "Context length").fill("128");
  await settings.role("button", "Load the model again with these").click();
  await tab.text(/of 128 tokens/).shows();
  await tab.reload();
  await tab.role("button", "Settings").click();
  await settings.role("textbox", "Max tokens").holds("33");
  await settings.role("textbox", "System prompt").holds("Be brief.");
  await settings.role("slider", "Temperature").holds("0");
  await settings.role("textbox", "Top K").holds("40");
  await settings.role("button", "Reset to the defaults").click();
  await settings.role("slider", "Temperature").holds("0.8");
});
