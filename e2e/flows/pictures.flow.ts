import { mkdirSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import {
  answerTexts,
  chooseFile,
  ENDLESS,
  expect,
  openTiny,
  settled,
  temporaryFile,
  test,
  withSettings,
} from "./flow.ts";

const FOLDER = resolve(import.meta.dirname, "../../.cache/pictures");

/** For people to look at, beside those of other engines. What can be told by a program: nothing is wider than the window. */
test("pictures of the page, which fits its window", async ({ tab, engine }) => {
  mkdirSync(FOLDER, { recursive: true });
  const take = async (name: string) => {
    writeFileSync(resolve(FOLDER, `${engine}-${name}.png`), await tab.screenshot());
    expect(await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  };
  await tab.role("button", "Choose a file").shows();
  await take("first-visit");
  await chooseFile(tab, temporaryFile("notes.txt", "Dear diary, this is not a model at all. ".repeat(20)));
  await tab.role("alert").shows();
  await take("error");
  await withSettings(tab, ENDLESS);
  await openTiny(tab);
  await tab.type("Write a long story");
  await tab.press("Enter");
  await answerTexts(tab).shows(/\S{20}/);
  await tab.role("region", "Counters").shows("Writing");
  await take("answer");
  await tab.role("button", "Stop").click();
  await settled(tab);
});
