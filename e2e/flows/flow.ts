/**
 * What the flows share: a tab per flow, in the engine of the project that runs it, and what a person does again and
 * again. A flow whose engine is not installed is skipped.
 */
import { writeFileSync } from "node:fs";
import { test as base, expect } from "@playwright/test";
import { type Engine, findBrowser, openEngine, REMEDIES, type RunningEngine, type Tab } from "../engines/index.ts";
import { type Before, tinyFile } from "../page.ts";

export type { Tab } from "../engines/index.ts";
export { ENDLESS, GREEDY, temporaryFile, tinyFile } from "../page.ts";
export { expect };

interface PerTest {
  /** Shows the page, as on a first visit. Fails the flow when something in the page throws, or is refused by its policy. */
  tab: Tab;
}

interface PerWorker {
  engine: Engine;
  running: RunningEngine | undefined;
}

export const test = base.extend<PerTest, PerWorker>({
  engine: ["chromium", { option: true, scope: "worker" }],
  running: [
    async ({ engine }, use) => {
      if (!findBrowser(engine)) {
        console.warn(`\nThe flows are not run in ${engine}, which is not installed: ${REMEDIES[engine]}.\n`);
        return use(undefined);
      }
      const running = await openEngine(engine);
      await use(running);
      await running.close();
    },
    { scope: "worker" },
  ],
  tab: async ({ running, engine, baseURL }, use, info) => {
    test.skip(!running, `${engine} is not installed`);
    const tab = await running!.openTab();
    try {
      await tab.goto(baseURL!);
      await use(tab);
      if (info.error) writeFileSync(info.outputPath("page.png"), await tab.screenshot());
      expect(await tab.faults()).toEqual([]);
    } finally {
      await tab.close();
    }
  },
});

/** As on a visit after one on which these settings were made. */
export async function withSettings(tab: Tab, settings: Before["settings"]): Promise<void> {
  // The page writes down the settings that it has when it begins; after that it is not in the way.
  await expect.poll(() => tab.evaluate(() => localStorage.getItem("webgguf.settings"))).not.toBeNull();
  await tab.evaluate((settings) => localStorage.setItem("webgguf.settings", JSON.stringify(settings)), settings);
  await tab.reload();
}

/** Chooses a file in the dialog of an `<input>`. Chromium has another dialog, which no driver operates: it is taken away. */
export async function chooseFile(tab: Tab, ...files: string[]): Promise<void> {
  await tab.evaluate(() => {
    window.showOpenFilePicker = undefined;
  });
  await tab.role("button", "Choose a file").choose(...files);
}

export const composer = (tab: Tab) => tab.role("textbox", "Message");
export const answers = (tab: Tab) => tab.role("article", "Model");
/** What the model wrote, without the notes around it. */
export const answerTexts = (tab: Tab) => answers(tab).selector(".markdown");
export const questions = (tab: Tab) => tab.role("article", /^You/);

/** Opens the fixture, and waits until it can be talked to. */
export async function openTiny(tab: Tab): Promise<void> {
  await chooseFile(tab, tinyFile);
  await composer(tab).shows();
}

export async function ask(tab: Tab, question: string): Promise<void> {
  await composer(tab).fill(question);
  await tab.press("Enter");
}

/** Waits for the end of an answer. */
export async function settled(tab: Tab): Promise<void> {
  await tab.role("button", "Send").shows();
  await answers(tab).until("were not finished", (looks) => looks.length > 0 && looks.every(({ busy }) => !busy));
}
