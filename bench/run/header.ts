import type { Browser } from "playwright";
import { modelRun } from "../../src/bench/model.ts";
import type { BenchRun, BenchTest } from "../../src/bench/types.ts";
import { MODEL_INPUT, openPage } from "./browser.ts";
import type { Stages } from "./header-page.ts";

export interface HeaderTask {
  /** Where the built page is served. */
  readonly origin: string;
  /** The model, a file on the disk; its weights are never read. */
  readonly file: string;
  readonly bytes: number;
  readonly subject: { readonly name: string; readonly type?: string; readonly synthetic?: boolean };
  /** Fresh pages, and times that each opens the file again. */
  readonly pages: number;
  readonly again: number;
  readonly onProgress: (line: string) => void;
}

/**
 * How long the page takes for what of a file is not weights: header, tokenizer, graph. Each opening is given up when the graph
 * is there. The first one of a fresh page stands apart from later ones.
 */
export async function measureHeader(browser: Browser, task: HeaderTask): Promise<BenchRun> {
  const { origin, file, bytes, subject, pages, again, onProgress } = task;
  const [first, later]: [Stages[], Stages[]] = [[], []];
  for (let i = 0; i < pages; i++) {
    onProgress(`Header of ${subject.name}, page ${i + 1} of ${pages}`);
    const { page, close } = await openPage(browser, origin, [file]);
    try {
      for (let opening = 0; opening <= again; opening++) {
        const stages = await page.evaluate(
          async ({ module, input }) => {
            const { openAndGiveUp } = await import(module);
            return (await openAndGiveUp(input)) as Stages;
          },
          { module: "/project/bench/run/header-page.ts", input: MODEL_INPUT },
        );
        (opening === 0 ? first : later).push(stages);
      }
    } finally {
      await close();
    }
  }
  return {
    ...modelRun(subject),
    fileBytes: bytes,
    tests: [...headerTests(first, "", 1), ...headerTests(later, ", again", again)],
    notes: ["The file has a header only; its weights are not read."],
  };
}

/** The parts of the openings, so many in each page, as tests, as far as they were reached. */
export function headerTests(openings: readonly Stages[], suffix: string, samplesPerOpening: number): BenchTest[] {
  const parts = [
    ["open header", undefined, "header"],
    ["open tokenizer", "header", "tokenizer"],
    ["open graph", "tokenizer", "compile"],
  ] as const;
  return parts.flatMap(([id, from, to]): BenchTest[] => {
    const samples = openings.map((stages) => (stages[to] ?? Number.NaN) - (from ? (stages[from] ?? Number.NaN) : 0));
    const reached = samples.filter(Number.isFinite).map((value) => Math.max(0, value));
    return reached.length > 0 ? [{ id: id + suffix, unit: "ms", samples: reached, warmups: 0, samplesPerOpening }] : [];
  });
}
