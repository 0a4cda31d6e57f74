import type { OpenProgress, Webgguf } from "../../src/core/api.ts";

/** Milliseconds from the call until what its progress tells of. */
export type Stages = Partial<Record<OpenProgress["stage"], number>>;

/** Runs in the built page, with its `window.webgguf`: opens the file in the input until its graph is there. */
export async function openAndGiveUp(input: string): Promise<Stages> {
  const { webgguf } = window as unknown as { webgguf: Webgguf };
  const file = (document.getElementById(input) as HTMLInputElement).files?.[0] as File;
  const enough = new AbortController();
  const stages: Stages = {};
  const start = performance.now();
  const onProgress = ({ stage }: OpenProgress) => {
    stages[stage] ??= performance.now() - start;
    if (stage === "compile") enough.abort();
  };
  try {
    const model = await webgguf.open(file, { backend: "wasm", onProgress, signal: enough.signal });
    await model.close();
  } catch (error) {
    if (!enough.signal.aborted) throw error;
  }
  return stages;
}
