import { FULL, QUICK } from "../../bench/plan.ts";
import type { BenchDevice } from "../../bench/session.ts";
import type { BenchPlan } from "../../bench/types.ts";
import type { SyntheticModel } from "../../synthetic/files.ts";
import { MIX_NAMES, type Mix } from "../../synthetic/mixes.ts";
import { SHAPES, type ShapeName } from "../../synthetic/shapes.ts";

export type BenchBackend = "webgpu" | "wasm";
export type KernelSet = "none" | "quick" | "full";

/** What the person chose, as it stands in the fields. Lists are texts such as "32, 128". */
export interface BenchForm {
  /** The open model as it is, on its own device. */
  readonly open: boolean;
  /** Its file, opened afresh on each device. */
  readonly afresh: boolean;
  /** Undefined until chosen. */
  readonly synthetic?: readonly SyntheticModel[];
  readonly backends?: readonly BenchBackend[];
  /** Of the CPU path; empty: as many as it takes by itself. */
  readonly threads: string;
  readonly set: BenchPlan["set"];
  readonly prompt: string;
  readonly generate: string;
  readonly firstToken: string;
  readonly depths: string;
  readonly tokenizer: boolean;
  readonly sampling: boolean;
  readonly kernels: KernelSet;
  readonly opens: number;
  readonly rounds: number;
  readonly warmups: number;
}

export const DEFAULT_FORM: BenchForm = {
  open: true,
  afresh: false,
  threads: "",
  set: "quick",
  prompt: "128, 512",
  generate: "32",
  firstToken: "",
  depths: "0",
  tokenizer: false,
  sampling: false,
  kernels: "none",
  opens: QUICK.opens,
  rounds: QUICK.rounds,
  warmups: QUICK.warmups,
};

/** Fields whose text may be wrong. */
export type ListField = "prompt" | "generate" | "firstToken" | "depths" | "threads";

/** Longest prompt, answer or depth, and most threads. */
const MOST_TOKENS = 131_072;
const MOST_THREADS = 64;
const MOST_ENTRIES = 16;

/** "32, 128" as numbers, sorted, each once; or what is wrong with it. */
export function parseList(text: string, least: number, most: number): number[] | string {
  const parts = text.split(/[\s,;]+/).filter(Boolean);
  const numbers = parts.map(Number);
  const wrong = parts.find((_, i) => !Number.isInteger(numbers[i]) || numbers[i] < least || numbers[i] > most);
  if (wrong !== undefined) return `${wrong} is no whole number from ${least} to ${most}.`;
  if (numbers.length > MOST_ENTRIES) return `At most ${MOST_ENTRIES} numbers.`;
  return [...new Set(numbers)].sort((a, b) => a - b);
}

const LIMITS: Record<ListField, readonly [least: number, most: number]> = {
  prompt: [1, MOST_TOKENS],
  generate: [1, MOST_TOKENS],
  firstToken: [1, MOST_TOKENS],
  depths: [0, MOST_TOKENS],
  threads: [1, MOST_THREADS],
};

/** What is wrong with the lists, by field; only of fields that count. */
export function formErrors(form: BenchForm): Partial<Record<ListField, string>> {
  const fields: ListField[] = [
    "threads",
    ...(form.set === "custom" ? (["prompt", "generate", "firstToken", "depths"] as const) : []),
  ];
  const errors = fields.map((field) => [field, parseList(form[field], ...LIMITS[field])] as const);
  return Object.fromEntries(errors.filter(([, result]) => typeof result === "string"));
}

const listOf = (form: BenchForm, field: ListField): number[] => {
  const list = parseList(form[field], ...LIMITS[field]);
  return typeof list === "string" ? [] : list;
};

const KERNELS = { none: [], quick: QUICK.kernels, full: FULL.kernels } as const;

export function planOf(form: BenchForm): BenchPlan {
  const { set, opens, rounds, warmups } = form;
  const repetitions = { opens, rounds, warmups };
  if (set !== "custom") return { ...(set === "quick" ? QUICK : FULL), ...repetitions };
  const depths = listOf(form, "depths");
  return {
    set,
    ...repetitions,
    prompt: listOf(form, "prompt"),
    generate: listOf(form, "generate"),
    firstToken: listOf(form, "firstToken"),
    depths: depths.length > 0 ? depths : [0],
    tokenizer: form.tokenizer,
    vocabularies: form.sampling ? FULL.vocabularies : [],
    kernels: KERNELS[form.kernels],
  };
}

/** Each backend; the CPU path with each number of threads. */
export function devicesOf(form: BenchForm, backends: readonly BenchBackend[]): BenchDevice[] {
  const threads = listOf(form, "threads");
  return backends.flatMap((backend): BenchDevice[] =>
    backend === "wasm" && threads.length > 0 ? threads.map((count) => ({ backend, threads: count })) : [{ backend }],
  );
}

interface Choices {
  /** The open model is measured. */
  readonly open: boolean;
  /** Models are opened; that alone is measured too. */
  readonly opens: boolean;
  /** How many devices were chosen. */
  readonly devices: number;
}

/** Why nothing can be measured yet. */
export function whatIsMissing(form: BenchForm, { open, opens, devices }: Choices): string | undefined {
  if (Object.keys(formErrors(form)).length > 0) return "A list of numbers is not right.";
  const { prompt, generate, firstToken, tokenizer, kernels, vocabularies } = planOf(form);
  if (devices === 0 && (opens || kernels.length > 0)) return "Choose a device.";
  const ofModels = prompt.length + generate.length + firstToken.length > 0 || tokenizer;
  if (opens || kernels.length + vocabularies.length > 0 || (open && ofModels)) return undefined;
  return open ? "Choose a test." : "Choose a model.";
}

/** A change of the set brings its own repetitions. */
export function withSet(form: BenchForm, set: BenchPlan["set"]): BenchForm {
  const { opens, rounds, warmups } = set === "full" ? FULL : QUICK;
  return { ...form, set, opens, rounds, warmups };
}

/** A good form of whatever was stored. */
export function readForm(stored: unknown): BenchForm {
  if (typeof stored !== "object" || stored === null) return DEFAULT_FORM;
  const saved = stored as Record<string, unknown>;
  const kept = Object.entries(DEFAULT_FORM).filter(([key, value]) => typeof saved[key] === typeof value);
  const form = { ...DEFAULT_FORM, ...Object.fromEntries(kept.map(([key]) => [key, saved[key]])) } as BenchForm;
  const count = (value: number, least: number, fallback: number) =>
    Number.isInteger(value) && value >= least && value <= 100 ? value : fallback;
  return {
    ...form,
    set: form.set === "full" || form.set === "custom" ? form.set : "quick",
    kernels: form.kernels === "quick" || form.kernels === "full" ? form.kernels : "none",
    opens: count(form.opens, 1, QUICK.opens),
    rounds: count(form.rounds, 1, QUICK.rounds),
    warmups: count(form.warmups, 0, QUICK.warmups),
    synthetic: readSynthetic(saved.synthetic),
    backends: readBackends(saved.backends),
  };
}

function readBackends(stored: unknown): readonly BenchBackend[] | undefined {
  return Array.isArray(stored) ? (["webgpu", "wasm"] as const).filter((name) => stored.includes(name)) : undefined;
}

function readSynthetic(stored: unknown): readonly SyntheticModel[] | undefined {
  if (!Array.isArray(stored)) return undefined;
  return stored.flatMap((entry: Partial<Record<keyof SyntheticModel, unknown>> | null) => {
    const { shape, mix } = entry ?? {};
    return Object.hasOwn(SHAPES, String(shape)) && MIX_NAMES.includes(mix as Mix)
      ? [{ shape: shape as ShapeName, mix: mix as Mix }]
      : [];
  });
}
