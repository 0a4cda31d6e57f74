import { openTab } from "../../e2e/engines/index.ts";
import type { Webgguf } from "../../src/core/api.ts";
import { engineOf, type Measurement, type Subject, type Task } from "./types.ts";

const INPUT = "bench-model";

/** An input for files, and above everything else in the page a button that opens it: WebDriver clicks no such input itself. */
function addInput(id: string): void {
  const input = document.createElement("input");
  input.type = "file";
  input.id = id;
  const button = document.createElement("button");
  button.textContent = id;
  button.onclick = () => input.click();
  Object.assign(button.style, { position: "fixed", inset: "0", zIndex: "1000" });
  document.body.append(input, button);
}

async function measureInPage(id: string, { threads, contextLength, ...bench }: Task): Promise<Measurement> {
  const { webgguf } = window as unknown as { webgguf?: Webgguf };
  const file = (document.getElementById(id) as HTMLInputElement).files?.[0];
  if (!webgguf || !file) throw new Error("The page has no window.webgguf, or was given no file.");
  const model = await webgguf.open(file, { backend: "wasm", threads, contextLength, kvCache: "f16" });
  const { prefill, decode } = await model.bench(bench);
  const { threads: used, simd } = model.info;
  await model.close();
  return { prefill, decode, threads: used, simd, userAgent: navigator.userAgent };
}

/**
 * Opens the page in a browser of its own and measures a model there, which arrives as a person's would: a File from an input.
 *
 * @throws Error when that fails, or takes longer than the limit
 */
export async function measure(
  subject: Subject,
  origin: string,
  model: string,
  task: Task,
  limitSeconds: number,
): Promise<Measurement> {
  const tab = await openTab(engineOf(subject));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${limitSeconds} seconds.`)), limitSeconds * 1000);
  });
  const work = async () => {
    await tab.goto(`${origin}/`);
    await tab.evaluate(addInput, INPUT);
    await tab.role("button", INPUT).choose(model);
    return tab.evaluate(measureInPage, INPUT, task);
  };
  const measured = work();
  measured.catch(() => {});
  try {
    return await Promise.race([measured, late]);
  } finally {
    clearTimeout(timer);
    await tab.close();
  }
}
