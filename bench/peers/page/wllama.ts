import type { Measurement, Task } from "../types.ts";
import { randomPrompts } from "./prompts.ts";

/** The part of @wllama/wllama (version 3) that is used here. It takes prompts as text only. */
interface Wllama {
  loadModel(files: Blob[], params: Record<string, unknown>): Promise<void>;
  createCompletion(options: Record<string, unknown>): Promise<unknown>;
  getLoadedContextInfo(): { n_ctx: number; n_batch: number; n_ubatch: number };
  isMultithread(): boolean;
  getNumThreads(): number;
  exit(): Promise<void>;
}

interface WllamaModule {
  Wllama: { new (paths: { default: string }, config: Record<string, unknown>): Wllama; getLibllamaVersion(): string };
}

interface Timings {
  cache_n: number;
  prompt_n: number;
  prompt_ms: number;
  predicted_n: number;
  predicted_ms: number;
}

interface Chunk {
  timings?: Timings;
}

interface Completion {
  timings: Timings;
  /** Page clock, milliseconds from the call. */
  firstToken: number;
  /**
   * Page clock, milliseconds from the first streamed token to the last. wllama hands each token over in the course of the
   * next step, and the last two together: this is one step less than `predicted_ms`.
   */
  streaming: number;
}

/** One greedy completion, checked to have run in full and without the prompt cache. */
async function complete(engine: Wllama, prompt: string, tokens: number): Promise<Completion> {
  const start = performance.now();
  let first: number | undefined;
  let last = start;
  let timings: Timings | undefined;
  await engine.createCompletion({
    prompt,
    max_tokens: tokens,
    cache_prompt: false,
    ignore_eos: true,
    temperature: 0,
    top_k: 1,
    samplers: ["top_k"],
    stream: true,
    onData: (chunk: Chunk) => {
      last = performance.now();
      first ??= last;
      timings = chunk.timings ?? timings;
    },
  });
  if (!timings || first === undefined) throw new Error("wllama gave no timings.");
  if (timings.cache_n !== 0) throw new Error(`wllama took ${timings.cache_n} tokens of a fresh prompt from its cache.`);
  if (timings.predicted_n !== tokens) {
    throw new Error(`wllama generated ${timings.predicted_n} tokens; ${tokens} were asked for.`);
  }
  return { timings, firstToken: first - start, streaming: last - first };
}

/**
 * How many random digits make a prompt of `tokens` tokens. Most tokenizers give each digit a token of its own, some join
 * three, some put a token in front; so it is found by asking, which also warms the prefill up.
 */
async function digitsFor(engine: Wllama, nextDigits: (count: number) => string, tokens: number): Promise<number> {
  let digits = tokens;
  for (let attempt = 0; attempt < 6; attempt++) {
    const { prompt_n } = (await complete(engine, nextDigits(digits), 1)).timings;
    if (prompt_n === tokens) return digits;
    const difference = tokens - prompt_n;
    digits += Math.abs(difference) > 2 ? Math.round((difference * digits) / prompt_n) : difference;
  }
  throw new Error(`No run of digits has ${tokens} tokens in this model's vocabulary.`);
}

/**
 * Measures wllama on a file. The first token comes with the prompt, so `generateTokens` steps of decode are a
 * completion of one token more; wllama's own `predicted_ms` begins at the first token, too.
 */
export async function measure(file: File, task: Task): Promise<Measurement> {
  const { Wllama } = (await import(new URL("/wllama/esm/index.js", location.href).href)) as WllamaModule;
  const { version } = (await (await fetch("/wllama/package.json")).json()) as { version: string };
  const engine = new Wllama({ default: "/wllama/esm/wasm/wllama.wasm" }, { suppressNativeLog: true });
  try {
    await engine.loadModel([file], {
      n_ctx: task.contextLength,
      n_threads: task.threads,
      n_parallel: 1,
      n_gpu_layers: 0,
      cache_type_k: "f16",
      cache_type_v: "f16",
      flash_attn: true,
    });
    if (task.threads > 1 && !engine.isMultithread()) throw new Error("wllama did not load its multi-thread build.");
    if (engine.getNumThreads() !== task.threads) {
      throw new Error(`wllama runs ${engine.getNumThreads()} threads; ${task.threads} were asked for.`);
    }
    const info = engine.getLoadedContextInfo();
    const digits = randomPrompts(task.seed, 10);
    const nextDigits = (count: number) => digits(count).join("");
    const length = await digitsFor(engine, nextDigits, task.promptTokens);
    const samples = { prefill: [], decode: [], firstToken: [], pageDecode: [] } as Record<string, number[]>;
    await complete(engine, nextDigits(1), task.generateTokens + 1);
    for (let repetition = 0; repetition < task.repetitions; repetition++) {
      const prompted = await complete(engine, nextDigits(length), 1);
      const generated = await complete(engine, nextDigits(1), task.generateTokens + 1);
      samples.prefill.push((prompted.timings.prompt_n / prompted.timings.prompt_ms) * 1000);
      samples.firstToken.push(prompted.firstToken);
      samples.decode.push((task.generateTokens / generated.timings.predicted_ms) * 1000);
      samples.pageDecode.push(((task.generateTokens - 1) / generated.streaming) * 1000);
    }
    return {
      version: `wllama ${version} (llama.cpp ${Wllama.getLibllamaVersion()})`,
      threads: engine.getNumThreads(),
      settings: {
        "multi-thread build": engine.isMultithread(),
        "flash attention": "auto",
        KV: "f16/f16",
        context: info.n_ctx,
        batch: `${info.n_batch}/${info.n_ubatch}`,
      },
      prefill: samples.prefill,
      decode: samples.decode,
      firstToken: samples.firstToken,
      pageDecode: samples.pageDecode,
    };
  } finally {
    await engine.exit();
  }
}
