import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { ENGINES, type EngineName, type Task } from "./types.ts";

export const USAGE = `npm run bench:peers -- [options] [MODEL.gguf …]

  --threads N       threads of every engine (default 2)
  --prompt N        tokens of the prompt (default 128)
  --generate N      tokens to generate (default 32)
  --rounds N        times each engine is started afresh, taking turns (default 3)
  --repetitions N   measured repetitions in a round, after a warm-up (default 3)
  --context N       tokens of context in the browser (default 256)
  --seed N          seed of the random prompts (default 1)
  --engines LIST    of webgguf,wllama,native (default: all; native only where LLAMA_BENCH is set)
  --limit N         seconds an engine may take for a round (default 900)
  --out FILE        the JSON report (default bench/results/peers.json)

Environment: LLAMA_BENCH, the llama-bench executable of a native llama.cpp; LLAMA_OPS, its test-backend-ops, which adds
single products of matrices, and needs no model; WLLAMA_DIR, a folder that holds @wllama/wllama (default:
node_modules/@wllama/wllama); WEBGGUF_CHROMIUM, the browser.`;

export interface Options {
  models: string[];
  engines: EngineName[];
  rounds: number;
  limitSeconds: number;
  out: string;
  task: Task;
}

function count(name: string, text: string, least = 1): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new Error(`--${name} is "${text}"; it must be a whole number from ${least}.`);
}

function engineList(text: string): EngineName[] {
  const names = text.split(",").map((name) => name.trim());
  for (const name of names) {
    if (!(ENGINES as readonly string[]).includes(name)) {
      throw new Error(`--engines names "${name}"; there are ${ENGINES.join(", ")}.`);
    }
  }
  return ENGINES.filter((engine) => names.includes(engine));
}

/**
 * @param hasNative whether there is a `llama-bench`
 * @param hasOps whether there is a `test-backend-ops`, which needs no model
 * @throws Error with a sentence for the person at the terminal
 */
export function parseOptions(args: readonly string[], hasNative: boolean, hasOps: boolean): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      threads: { type: "string", default: "2" },
      prompt: { type: "string", default: "128" },
      generate: { type: "string", default: "32" },
      rounds: { type: "string", default: "3" },
      repetitions: { type: "string", default: "3" },
      context: { type: "string", default: "256" },
      seed: { type: "string", default: "1" },
      engines: { type: "string", default: hasNative ? "webgguf,wllama,native" : "webgguf,wllama" },
      limit: { type: "string", default: "900" },
      out: { type: "string", default: "bench/results/peers.json" },
    },
  });
  if (positionals.length === 0 && !hasOps) throw new Error(`No model named.\n\n${USAGE}`);
  const engines = engineList(values.engines);
  if (engines.includes("native") && !hasNative) {
    throw new Error("--engines names native; set LLAMA_BENCH to the llama-bench executable.");
  }
  const task: Task = {
    promptTokens: count("prompt", values.prompt),
    generateTokens: count("generate", values.generate, 2),
    repetitions: count("repetitions", values.repetitions),
    threads: count("threads", values.threads),
    contextLength: count("context", values.context),
    seed: count("seed", values.seed),
  };
  if (task.threads > availableParallelism()) {
    throw new Error(`--threads is ${task.threads}; this machine has ${availableParallelism()} cores.`);
  }
  const needed = task.promptTokens + task.generateTokens + 2;
  if (task.contextLength < needed) {
    throw new Error(`--context is ${task.contextLength}; these prompts and answers need ${needed}.`);
  }
  return {
    models: positionals,
    engines,
    rounds: count("rounds", values.rounds),
    limitSeconds: count("limit", values.limit),
    out: values.out,
    task,
  };
}
