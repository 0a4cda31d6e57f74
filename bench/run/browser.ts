import { availableParallelism } from "node:os";
import type { Browser } from "playwright";
import type { BenchReport } from "../../src/bench/types.ts";
import { Allocations } from "./allocations.ts";
import type { PageTask } from "./page.ts";
import { busyProcessors, PeakMemory } from "./system.ts";

const INPUT_ID = "bench-model-files";
/** What a new page and browser do on their own is not to be measured. */
const SETTLING_MILLISECONDS = 1500;

export interface Surroundings {
  /** Where `serve` serves the built page at `/`, bench/ at `/project/bench/` and src/ at `/project/src/`. */
  readonly origin: string;
  /** The models, as files on the disk. */
  readonly files: readonly string[];
  readonly onProgress: (line: string) => void;
}

export type Task = Omit<PageTask, "input">;

/** Carries a task out in the built page, in a browser context of its own. */
export async function runInPage(
  browser: Browser,
  task: Task,
  { origin, files, onProgress }: Surroundings,
): Promise<BenchReport> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const memory = new PeakMemory();
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(error.message));
    await page.exposeFunction("benchProgress", onProgress);
    await page.exposeFunction("benchLoad", () => busyProcessors(availableParallelism()));
    await page.exposeFunction("benchPeak", (on: boolean) => (on ? memory.start() : memory.stop()));
    const allocations = await Allocations.of(page);
    await page.exposeFunction("benchAllocated", (on: boolean) => (on ? allocations.start() : allocations.stop()));
    await page.goto(`${origin}/`);
    await page.waitForTimeout(SETTLING_MILLISECONDS);
    await page.evaluate((id) => {
      const input = document.createElement("input");
      input.type = "file";
      input.multiple = true;
      input.id = id;
      document.body.append(input);
    }, INPUT_ID);
    await page.locator(`#${INPUT_ID}`).setInputFiles([...files]);
    const measured = page.evaluate(
      async ({ module, task }) => {
        const { measure } = await import(module);
        return (await measure(task)) as BenchReport;
      },
      { module: "/project/bench/run/page.ts", task: { ...task, input: INPUT_ID } },
    );
    const crashed = new Promise<never>((_, reject) => {
      page.on("crash", () => reject(new Error("The page crashed (out of memory?).")));
    });
    return await Promise.race([measured, crashed]).catch((error: Error) => {
      throw new Error([error.message.split("\n")[0], ...problems].join("; "));
    });
  } finally {
    await context.close();
  }
}
