import { type ElementHandle, type KeyInput, launch } from "puppeteer-core";
import type { Browser, Driver } from "./driver.ts";

/** Drives the system's Firefox, as it is, through WebDriver BiDi. */
export async function launchFirefox(executablePath: string): Promise<Browser> {
  // No limit of time to what a page computes.
  const browser = await launch({ browser: "firefox", executablePath, headless: true, protocolTimeout: 0 });
  return {
    open: async (): Promise<Driver<ElementHandle>> => {
      const context = await browser.createBrowserContext();
      const page = await context.newPage();
      const faults: string[] = [];
      page.on("pageerror", (error) => faults.push(String(error)));
      page.on("console", (message) => {
        if (message.type() === "error") faults.push(message.text());
      });
      return {
        goto: async (url) => void (await page.goto(url)),
        reload: async () => void (await page.reload()),
        evaluate: (expression) => page.evaluate(expression) as Promise<string>,
        element: async (expression) => (await page.evaluateHandle(expression)).asElement() as ElementHandle | null,
        click: (element) => element.click(),
        type: (text) => page.keyboard.type(text),
        press: async (keys) => {
          const held = keys.slice(0, -1) as KeyInput[];
          for (const key of held) await page.keyboard.down(key);
          await page.keyboard.press(keys[held.length] as KeyInput);
          for (const key of held.reverse()) await page.keyboard.up(key);
        },
        giveFiles: (element, paths) => (element as ElementHandle<HTMLInputElement>).uploadFile(...paths),
        resize: (width, height) => page.setViewport({ width, height }),
        screenshot: () => page.screenshot(),
        faults: async () => faults,
        close: () => context.close(),
      };
    },
    close: () => browser.close(),
  };
}
