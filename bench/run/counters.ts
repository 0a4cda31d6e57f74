import type { Browser, Page } from "playwright";
import type { BenchRun } from "../../src/bench/types.ts";

export interface CountersTask {
  /** Where the built page is served. */
  readonly origin: string;
  /** The model, a file on the disk. */
  readonly file: string;
  readonly subject: { readonly name: string; readonly type?: string; readonly synthetic?: boolean };
  readonly device: { readonly backend: string; readonly threads?: number };
  /** Tokens of an answer, and answers each way. */
  readonly tokens: number;
  readonly answers: number;
  readonly onProgress: (line: string) => void;
}

const OPENING_MILLISECONDS = 300_000;
const ANSWER_MILLISECONDS = 300_000;
/** What the page does after a dialog is closed is not to be measured. */
const SETTLING_MILLISECONDS = 300;

/**
 * What the counters cost that move while the model writes: answers in the page as a person gets them, in turn with moving and
 * with still counters; the rates are those that the page shows under each answer, which are the engine's own.
 */
export async function measureCounters(browser: Browser, task: CountersTask): Promise<BenchRun> {
  const { subject, tokens, answers, onProgress } = task;
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  try {
    const page = await context.newPage();
    const device = await openModel(page, task);
    const samples = { moving: [] as number[], still: [] as number[] };
    for (let i = -1; i < answers; i++) {
      const order = i % 2 ? (["moving", "still"] as const) : (["still", "moving"] as const);
      for (const which of order) {
        onProgress(`Counters ${which}, answer ${i + 1} of ${answers}${i < 0 ? " (warm-up)" : ""}`);
        await moveCounters(page, which === "moving");
        const rate = await answerRate(page);
        if (i >= 0) samples[which].push(rate);
      }
    }
    const test = (which: keyof typeof samples) =>
      ({
        id: `tg${tokens}, counters ${which}`,
        unit: "tokens/s",
        samples: samples[which],
        warmups: 1,
        samplesPerOpening: answers,
      }) as const;
    return {
      kind: "page",
      ...named(subject),
      ...device,
      tests: [test("moving"), test("still")],
      skipped: [],
      notes: [],
    };
  } finally {
    await context.close();
  }
}

const named = ({ name, ...rest }: CountersTask["subject"]) => ({ subject: name, ...rest });

/** Drops the file on the page and waits for the model; returns what it runs on, as the counters say. */
async function openModel(page: Page, { origin, file, device, tokens }: CountersTask) {
  await page.goto(`${origin}/`);
  const settings = { sampling: { temperature: 0 }, ignoreEos: true, maxTokens: tokens, load: device };
  await page.evaluate((text) => localStorage.setItem("webgguf.settings", text), JSON.stringify(settings));
  await page.reload();
  const devtools = await page.context().newCDPSession(page);
  const data = { items: [], files: [file], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const)
    await devtools.send("Input.dispatchDragEvent", { type, x: 150, y: 200, data });
  await composer(page).waitFor({ timeout: OPENING_MILLISECONDS });
  const facts = await page.getByRole("region", { name: "Counters" }).locator(".device").innerText();
  const backend = facts.includes("WebGPU") ? ("webgpu" as const) : ("wasm" as const);
  const threads = backend === "wasm" ? Number(/Threads\s*(\d+)/.exec(facts)?.[1] ?? 0) : 0;
  return { backend, threads, device: facts.replaceAll(/\s+/g, " ").trim() };
}

const composer = (page: Page) => page.getByRole("textbox", { name: "Message", exact: true });

async function moveCounters(page: Page, moving: boolean): Promise<void> {
  await page.keyboard.press("Control+,");
  await page.getByLabel("Counters move while the model writes").setChecked(moving);
  await page.keyboard.press("Escape");
  await page.waitForTimeout(SETTLING_MILLISECONDS);
}

/** Tokens per second of a new chat's first answer. */
async function answerRate(page: Page): Promise<number> {
  await page.keyboard.press("Control+Shift+O");
  await composer(page).fill("Tell me a story");
  await composer(page).press("Enter");
  const note = page.getByText(/ tokens · [\d.,]+ tok\/s/);
  await note.waitFor({ timeout: ANSWER_MILLISECONDS });
  const rate = Number(/([\d.,]+) tok\/s/.exec((await note.textContent()) ?? "")?.[1].replaceAll(",", ""));
  if (!(rate > 0)) throw new Error("The page shows no rate under its answer.");
  return rate;
}
