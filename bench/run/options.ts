import { basename } from "node:path";
import { parseArgs } from "node:util";
import { FULL, QUICK } from "../../src/bench/plan.ts";
import type { BenchDevice } from "../../src/bench/run.ts";
import type { BenchPlan } from "../../src/bench/types.ts";
import { MIX_NAMES, type Mix } from "../../src/synthetic/mixes.ts";
import { SHAPES, type ShapeName } from "../../src/synthetic/shapes.ts";

/** Openings and rounds when two builds are measured in turn. */
const IN_TURN = { opens: 6, rounds: 3 };
/** Percent. */
const BOUND = 5;

export const USAGE = `npm run bench -- [options]

  --quick             two minutes: a tiny model, Qwen2.5-0.5B's shape, fewer kernels
  --models LIST       shapes (${Object.keys(SHAPES).join(", ")}) or paths of GGUF files
                      (default qwen2.5-0.5b,llama-3.2-1b; with --quick tiny,qwen2.5-0.5b)
  --types LIST        mixes of the shapes: ${MIX_NAMES.join(", ")}
                      (default Q4_0,Q8_0,Q4_K_M; with --quick Q4_0)
  --backend LIST      of auto, webgpu, wasm, reference (default auto)
  --threads N         of the CPU path (default: the machine's processors)
  --repetitions N     samples of each test, at least; models are opened afresh ${FULL.opens} times, with --quick ${QUICK.opens}
                      (default ${FULL.opens * FULL.rounds}; with --quick ${QUICK.opens * QUICK.rounds})
  --parts LIST        of models, kernels, sampling, header: the header of a 14B file, and page: answers in the page with moving
                      counters and with still ones, on the first model (default all; with --quick all but page)
  --name TEXT         what the run is called (default: quick or full)
  --dist FOLDER       the built page (default dist)
  --against FOLDER    an older built page: the two are measured in turn, step by step, and compared; each model is
                      opened ${IN_TURN.opens} times (default repetitions ${IN_TURN.opens * IN_TURN.rounds})
  --bound PERCENT     with --against: the status is 1 when a test is significantly slower by more (default ${BOUND})
  --out FILE          the JSON (default bench/results/DATE-NAME.json; the report lies beside it as .md)

Environment: WEBGGUF_CHROMIUM, the browser.`;

/** A file, or a synthetic model that is made when it is not there. */
export type ModelChoice = { readonly path: string } | { readonly shape: ShapeName; readonly mix: Mix };

export interface Options {
  readonly name: string;
  readonly plan: BenchPlan;
  readonly models: readonly ModelChoice[];
  readonly devices: readonly BenchDevice[];
  /** Answers in the page. */
  readonly page?: { readonly model: ModelChoice; readonly answers: number; readonly tokens: number };
  /** The header of a large file, which is made without its weights. */
  readonly header?: { readonly shape: ShapeName; readonly mix: Mix; readonly pages: number; readonly again: number };
  readonly dist?: string;
  readonly against?: string;
  readonly bound: number;
  readonly out?: string;
}

const BACKENDS = ["auto", "webgpu", "wasm", "reference"] as const;
const PARTS = ["models", "kernels", "sampling", "header", "page"] as const;
/** The file whose header is opened, in how many fresh pages, and how often again in each. */
const HEADER = { shape: "qwen2.5-coder-14b", mix: "Q5_K_M", pages: 3, again: 3 } as const;
/** Answers each way, and their tokens. */
const PAGE = { answers: 16, tokens: 48 };

function listOf<T extends string>(option: string, text: string, allowed: readonly T[]): T[] {
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !(allowed as readonly string[]).includes(name));
  if (unknown !== undefined) throw new Error(`--${option} names "${unknown}"; there are ${allowed.join(", ")}.`);
  return names as T[];
}

function count(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new Error(`--${option} is "${text}"; it must be a whole number from 1.`);
}

/** @throws Error with a sentence for the person at the terminal */
export function parseOptions(args: readonly string[]): Options {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      models: text,
      types: text,
      backend: { type: "string", default: "auto" },
      threads: text,
      repetitions: text,
      parts: text,
      name: text,
      dist: text,
      against: text,
      bound: { type: "string", default: String(BOUND) },
      out: text,
    },
  });
  const { quick, dist, against, out } = values;
  const base = { ...(quick ? QUICK : FULL), ...(against && IN_TURN) };
  const left: readonly string[] = against ? ["header", "page"] : quick ? ["page"] : [];
  const all = PARTS.filter((part) => !left.includes(part));
  const parts = listOf("parts", values.parts ?? all.join(","), PARTS);
  const has = (part: (typeof PARTS)[number]) => parts.includes(part);
  const repetitions = count("repetitions", values.repetitions);
  const plan: BenchPlan = {
    ...base,
    ...(repetitions && { rounds: Math.ceil(repetitions / base.opens) }),
    ...(!has("kernels") && { kernels: [] }),
    ...(!has("sampling") && { vocabularies: [] }),
  };
  const types = listOf("types", values.types ?? (quick ? "Q4_0" : "Q4_0,Q8_0,Q4_K_M"), MIX_NAMES);
  const models = (values.models ?? (quick ? "tiny,qwen2.5-0.5b" : "qwen2.5-0.5b,llama-3.2-1b")).split(",");
  const threads = count("threads", values.threads);
  const choices = models.flatMap((name) => choicesOf(name.trim(), types));
  return {
    name: values.name ?? base.set,
    plan,
    models: has("models") ? choices : [],
    devices: listOf("backend", values.backend, BACKENDS).map((backend) => ({ backend, ...(threads && { threads }) })),
    ...(has("header") && { header: HEADER }),
    ...(has("page") && { page: { ...PAGE, model: choices[0], ...(repetitions && { answers: repetitions }) } }),
    ...(dist && { dist }),
    ...(against && { against }),
    bound: boundOf(values.bound),
    ...(out && { out }),
  };
}

/** @throws Error with a sentence for the person at the terminal */
export function boundOf(text: string): number {
  const bound = Number(text);
  if (text.trim() !== "" && bound >= 0) return bound;
  throw new Error(`--bound is "${text}"; it must be a number of percent from 0.`);
}

function choicesOf(name: string, types: readonly Mix[]): ModelChoice[] {
  if (name in SHAPES) return types.map((mix) => ({ shape: name as ShapeName, mix }));
  if (name.endsWith(".gguf")) return [{ path: name }];
  throw new Error(`--models names "${name}"; expected one of ${Object.keys(SHAPES).join(", ")}, or a GGUF file.`);
}

/** How a model is called in reports: its shape, or the file's name. */
export function titleOf(choice: ModelChoice): string {
  return "path" in choice ? basename(choice.path, ".gguf") : SHAPES[choice.shape].name;
}
