import { availableParallelism } from "node:os";
import type { Browser, Page } from "playwright";
import type { BenchReport } from "../../src/bench/types.ts";
import { Allocations } from "./allocations.ts";
import type { PageTask } from "./page.ts";
import { busyProcessors, PeakMemory } from "./system.ts";

/** The file input that is added to the page. */
export const MODEL_INPUT = "bench-model-files";
/** What a new page and browser do on their own is not to be measured. */
const SETTLING_MILLISECONDS = 1500;

export interface Surroundings {
  /** Where `serve` serves the built page at `/`, bench/ at `/project/bench/` and src/ at `/project/src/`. */
  readonly origin: string;
  /** The models, as files on the disk. */
  readonly files: readonly string[];
  /** Called before each step, which begins when it is through. */
  readonly onProgress: (line: string) => void | Promise<void>;
  /** Whether no other page works in the browser: else what its processes hold says nothing of this one. */
  readonly alone: boolean;
}

export type Task = Omit<PageTask, "input">;

/** The built page in a browser context of its own, with the files in an input. */
export async function openPage(
  browser: Browser,
  origin: string,
  files: readonly string[],
  prepare: (page: Page) => Promise<void> = async () => {},
): Promise<{ page: Page; close: () => Promise<void> }> {
  const context = await browser.newContext();
  const close = () => context.close();
  try {
    const page = await context.newPage();
    await prepare(page);
    await page.goto(`${origin}/`);
    await page.waitForTimeout(SETTLING_MILLISECONDS);
    await page.evaluate((id) => {
      const input = document.createElement("input");
      input.type = "file";
      input.multiple = true;
      input.id = id;
      document.body.append(input);
    }, MODEL_INPUT);
    await page.locator(`#${MODEL_INPUT}`).setInputFiles([...files]);
    return { page, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Carries a task out in the built page, in a browser context of its own. */
export async function runInPage(
  browser: Browser,
  task: Task,
  { origin, files, onProgress, alone }: Surroundings,
): Promise<BenchReport> {
  const memory = new PeakMemory();
  const problems: string[] = [];
  const prepare = async (page: Page) => {
    page.on("pageerror", (error) => problems.push(error.message));
    await page.exposeFunction("benchProgress", onProgress);
    await page.exposeFunction("benchLoad", () => busyProcessors(availableParallelism()));
    await page.exposeFunction("benchPeak", (on: boolean) => {
      if (alone) return on ? memory.start() : memory.stop();
    });
    const allocations = await Allocations.of(page);
    await page.exposeFunction("benchAllocated", (on: boolean) => (on ? allocations.start() : allocations.stop()));
  };
  const { page, close } = await openPage(browser, origin, files, prepare);
  try {
    const measured = page.evaluate(
      async ({ module, task }) => {
        const { measure } = await import(module);
        return (await measure(task)) as BenchReport;
      },
      { module: "/project/bench/run/page.ts", task: { ...task, input: MODEL_INPUT } },
    );
    const crashed = new Promise<never>((_, reject) => {
      page.on("crash", () => reject(new Error("The page crashed (out of memory?).")));
    });
    return await Promise.race([measured, crashed]).catch((error: Error) => {
      throw new Error([error.message.split("\n")[0], ...problems].join("; "));
    });
  } finally {
    await close();
  }
}
