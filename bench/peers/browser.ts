import type { Browser, Page } from "playwright";
import type { Measurement, Task } from "./types.ts";

const INPUT_ID = "peers-model-file";

/** Where an engine's page is, and the module with its `measure`, both under the bench server. */
const PAGES = {
  webgguf: { page: "/", module: "/peers/page/webgguf.ts" },
  wllama: { page: "/peers/page/index.html", module: "/peers/page/wllama.ts" },
} as const;

/**
 * Does `work` on a page in a browser context of its own, closed at the end with all that it held.
 *
 * @throws Error when the page crashed, does not answer within the limit, or has no cross-origin isolation
 */
export async function inPage<T>(
  browser: Browser,
  url: string,
  limitSeconds: number,
  work: (page: Page) => Promise<T>,
): Promise<T> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(error.message));
    await page.goto(url);
    if (!(await page.evaluate(() => crossOriginIsolated))) throw new Error("The page is not cross-origin isolated.");
    const crashed = new Promise<never>((_, reject) => {
      page.on("crash", () => reject(new Error("The page crashed (out of memory?).")));
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`No answer within ${limitSeconds} seconds.`)), limitSeconds * 1000);
    });
    return await Promise.race([work(page), crashed, late])
      .finally(() => clearTimeout(timer))
      .catch((error: Error) => {
        throw new Error([error.message.split("\n")[0], ...problems].join("; "));
      });
  } finally {
    await context.close();
  }
}

/**
 * Measures an engine in a page of its own. The model reaches the page as a person's would: a File from a file input, read
 * from the disk. No engine downloads or copies it first.
 */
export function measureInBrowser(
  browser: Browser,
  origin: string,
  engine: keyof typeof PAGES,
  model: string,
  task: Task,
  limitSeconds: number,
): Promise<Measurement> {
  return inPage(browser, origin + PAGES[engine].page, limitSeconds, async (page) => {
    await page.evaluate((id) => {
      const input = document.createElement("input");
      input.type = "file";
      input.id = id;
      document.body.append(input);
    }, INPUT_ID);
    await page.locator(`#${INPUT_ID}`).setInputFiles(model);
    return page.evaluate(
      async ({ id, module, task }) => {
        const file = (document.getElementById(id) as HTMLInputElement).files?.[0];
        const { measure } = await import(module);
        return (await measure(file, task)) as Measurement;
      },
      { id: INPUT_ID, module: PAGES[engine].module, task },
    );
  });
}
