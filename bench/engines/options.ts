import { parseArgs } from "node:util";
import { SUBJECTS, type Subject, type Task } from "./types.ts";

export const USAGE = `npm run bench:engines -- [options] MODEL.gguf …

  --engines LIST    of ${SUBJECTS.join(",")} (default: all that are installed)
  --rounds N        times each engine opens each model, taking turns (default 3)
  --repetitions N   measured repetitions in a round, after a warm-up (default 2)
  --prompt N        tokens of the prompt (default 128)
  --generate N      tokens to generate (default 32)
  --context N       tokens of context (default 256)
  --threads N       threads of every engine that has any (default: as many as it takes by itself)
  --dist FOLDER     the built page (default dist)
  --against FOLDER  another built page, which is measured in turn with this one
  --limit N         seconds an engine may take for a round (default 300)
  --out FILE        the JSON report (default bench/results/engines.json)`;

export interface Options {
  readonly models: readonly string[];
  /** Undefined: all that are installed. */
  readonly subjects?: readonly Subject[];
  readonly rounds: number;
  readonly dist: string;
  readonly against?: string;
  readonly limitSeconds: number;
  readonly out: string;
  readonly task: Task;
}

function count(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new Error(`--${name} is "${text}"; it must be a whole number from 1.`);
}

function subjectsOf(text: string): Subject[] {
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !(SUBJECTS as readonly string[]).includes(name));
  if (unknown !== undefined) throw new Error(`--engines names "${unknown}"; there are ${SUBJECTS.join(", ")}.`);
  return SUBJECTS.filter((subject) => names.includes(subject));
}

/** @throws Error with a sentence for the person at the terminal */
export function parseOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      engines: { type: "string" },
      rounds: { type: "string", default: "3" },
      repetitions: { type: "string", default: "2" },
      prompt: { type: "string", default: "128" },
      generate: { type: "string", default: "32" },
      context: { type: "string", default: "256" },
      threads: { type: "string" },
      dist: { type: "string", default: "dist" },
      against: { type: "string" },
      limit: { type: "string", default: "300" },
      out: { type: "string", default: "bench/results/engines.json" },
    },
  });
  if (positionals.length === 0) throw new Error(`No model named.\n\n${USAGE}`);
  const task: Task = {
    promptTokens: count("prompt", values.prompt),
    generateTokens: count("generate", values.generate),
    repetitions: count("repetitions", values.repetitions),
    contextLength: count("context", values.context),
    ...(values.threads !== undefined && { threads: count("threads", values.threads) }),
  };
  const needed = task.promptTokens + task.generateTokens;
  if (task.contextLength < needed) {
    throw new Error(`--context is ${task.contextLength}; the prompt and the answer need ${needed}.`);
  }
  return {
    models: positionals,
    subjects: values.engines === undefined ? undefined : subjectsOf(values.engines),
    rounds: count("rounds", values.rounds),
    dist: values.dist,
    against: values.against,
    limitSeconds: count("limit", values.limit),
    out: values.out,
    task,
  };
}
