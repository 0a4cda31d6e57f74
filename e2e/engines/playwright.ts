import type { BrowserType, ElementHandle } from "playwright";
import type { Browser, Driver } from "./driver.ts";

/** Drives a browser through Playwright: Chromium, or Playwright's own builds of Firefox and WebKit. */
export async function launchPlaywright(type: BrowserType, executablePath: string, args: string[]): Promise<Browser> {
  const browser = await type.launch({ executablePath, args });
  return {
    open: async (): Promise<Driver<ElementHandle>> => {
      const context = await browser.newContext();
      const page = await context.newPage();
      const faults: string[] = [];
      page.on("pageerror", (error) => faults.push(error.message));
      page.on("console", (message) => {
        if (message.type() === "error") faults.push(message.text());
      });
      return {
        goto: async (url) => void (await page.goto(url)),
        reload: async () => void (await page.reload()),
        evaluate: (expression) => page.evaluate<string>(expression),
        element: async (expression) => (await page.evaluateHandle(expression)).asElement(),
        click: (element) => element.click({ timeout: 5000 }),
        type: (text) => page.keyboard.type(text),
        press: (keys) => page.keyboard.press(keys.join("+")),
        giveFiles: (element, paths) => element.setInputFiles([...paths]),
        resize: (width, height) => page.setViewportSize({ width, height }),
        screenshot: () => page.screenshot(),
        faults: async () => faults,
        close: () => context.close(),
      };
    },
    close: () => browser.close(),
  };
}
