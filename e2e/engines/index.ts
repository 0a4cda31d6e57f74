/**
 * Tabs of Chromium, Firefox and WebKit that are used in one way, within the Playwright Test runner (`flows/flow.ts`) and
 * without it:
 *
 *     const tab = await openTab("webkit");
 *     await tab.goto("http://localhost:4173/");
 *     await tab.role("button", "Choose a file").choose("model.gguf");
 *     console.log(await tab.evaluate((name) => document.querySelector(name)?.textContent, "h2"));
 *     await tab.close();
 *
 * `findBrowser(engine)` says beforehand whether there is one. Several tabs of one browser: `openEngine`.
 */
import { chromium, firefox, webkit } from "playwright";
import { chromiumArgs } from "../../scripts/chromium.mjs";
import { launchFirefox } from "./bidi.ts";
import type { Browser } from "./driver.ts";
import { type Engine, findBrowser, REMEDIES } from "./find.ts";
import { launchPlaywright } from "./playwright.ts";
import { Tab } from "./tab.ts";
import { launchWebKit } from "./webdriver.ts";

export { ENGINES, type Engine, findBrowser, REMEDIES } from "./find.ts";
export type { Place, Tab } from "./tab.ts";

/** What a page gets of the window. */
const SIZE = [1280, 860] as const;

const TYPES = { chromium, firefox, webkit };

/** A browser that runs. Each of its tabs has storage of its own. */
export interface RunningEngine {
  openTab(): Promise<Tab>;
  close(): Promise<void>;
}

async function launch(engine: Engine): Promise<Browser> {
  const found = findBrowser(engine);
  if (!found) throw new Error(`There is no browser with the engine ${engine}: ${REMEDIES[engine]}.`);
  if (found.by === "bidi") return launchFirefox(found.browser);
  if (found.by === "webdriver") return launchWebKit(found);
  return launchPlaywright(TYPES[engine], found.browser, engine === "chromium" ? chromiumArgs() : []);
}

async function tabOf(browser: Browser, closing: () => Promise<void>): Promise<Tab> {
  const tab = new Tab(await browser.open(), closing);
  await tab.resize(...SIZE);
  return tab;
}

export async function openEngine(engine: Engine): Promise<RunningEngine> {
  const browser = await launch(engine);
  return { openTab: () => tabOf(browser, async () => {}), close: () => browser.close() };
}

/** A tab whose browser is closed with it. */
export async function openTab(engine: Engine): Promise<Tab> {
  const browser = await launch(engine);
  return tabOf(browser, () => browser.close());
}
