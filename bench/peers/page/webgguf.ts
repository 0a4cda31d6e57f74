import type { Model, Webgguf } from "../../../src/core/api.ts";
import type { Measurement, Task } from "../types.ts";
import { randomPrompts } from "./prompts.ts";

/** Page clock, milliseconds: from the call to the first piece, and from there to the last of `tokens` pieces. */
async function stopwatch(model: Model, prompt: number[], tokens: number) {
  const start = performance.now();
  let first: number | undefined;
  let last = start;
  let pieces = 0;
  for await (const _ of model.generate(prompt, { maxTokens: tokens, temperature: 0, ignoreEos: true })) {
    last = performance.now();
    first ??= last;
    pieces++;
  }
  if (first === undefined || pieces < tokens)
    throw new Error(`webgguf streamed ${pieces} pieces for ${tokens} tokens.`);
  const { cachedTokens } = await model.stats();
  if (cachedTokens > 0) throw new Error(`webgguf took ${cachedTokens} tokens of a fresh prompt from its cache.`);
  return { firstToken: first - start, streaming: last - first };
}

/** Measures the built page's `window.webgguf` on a file: `model.bench`, which warms up by itself, then the page's clock. */
export async function measure(file: File, task: Task): Promise<Measurement> {
  const { webgguf } = window as unknown as { webgguf?: Webgguf };
  if (!webgguf) throw new Error("The page has no window.webgguf.");
  const model = await webgguf.open(file, {
    backend: "wasm",
    threads: task.threads,
    contextLength: task.contextLength,
    kvCache: "f16",
  });
  try {
    const { info } = model;
    if (info.threads !== task.threads) {
      throw new Error(`webgguf runs ${info.threads} threads; ${task.threads} were asked for. ${info.notes.join(" ")}`);
    }
    const { promptTokens, generateTokens, repetitions } = task;
    const nextPrompt = randomPrompts(task.seed, info.vocabularySize);
    const { prefill, decode } = await model.bench({ promptTokens, generateTokens, repetitions });
    const firstToken: number[] = [];
    const pageDecode: number[] = [];
    for (let repetition = 0; repetition < repetitions; repetition++) {
      firstToken.push((await stopwatch(model, nextPrompt(promptTokens), 1)).firstToken);
      const { streaming } = await stopwatch(model, nextPrompt(1), generateTokens + 1);
      pageDecode.push((generateTokens / streaming) * 1000);
    }
    return {
      version: `webgguf, ${info.device}`,
      threads: info.threads,
      settings: { SIMD: info.simd, KV: "f16", context: info.contextLength },
      prefill,
      decode,
      firstToken,
      pageDecode,
    };
  } finally {
    await model.close();
  }
}
