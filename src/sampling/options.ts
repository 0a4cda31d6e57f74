import type { SamplingOptions } from "../core/api.ts";
import { WebggufError } from "../core/errors.ts";

export type ResolvedSampling = Required<SamplingOptions>;

/** Defaults of llama.cpp's command line; its chain order is that of `chain.ts`. */
const DEFAULTS: Omit<ResolvedSampling, "seed" | "logitBias"> = {
  temperature: 0.8,
  topK: 40,
  topP: 0.95,
  minP: 0.05,
  typicalP: 1,
  repeatPenalty: 1,
  repeatLastN: 64,
  presencePenalty: 0,
  frequencyPenalty: 0,
};

const RANGES: Record<keyof typeof DEFAULTS, { from: number; to: number; whole?: boolean }> = {
  temperature: { from: 0, to: 1e6 },
  topK: { from: 0, to: 2 ** 31 - 1, whole: true },
  topP: { from: 0, to: 1 },
  minP: { from: 0, to: 1 },
  typicalP: { from: 0, to: 1 },
  repeatPenalty: { from: 1e-6, to: 1e6 },
  repeatLastN: { from: -1, to: 2 ** 31 - 1, whole: true },
  presencePenalty: { from: -1e6, to: 1e6 },
  frequencyPenalty: { from: -1e6, to: 1e6 },
};

/** Fills in the defaults. Throws `invalid-argument` for a value that is no number or out of range. */
export function resolveSampling(options: SamplingOptions, vocabularySize: number): ResolvedSampling {
  const resolved = { ...DEFAULTS };
  for (const name of Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[]) {
    const value = options[name];
    if (value === undefined) continue;
    const { from, to, whole } = RANGES[name];
    if (typeof value !== "number" || !(value >= from && value <= to) || (whole && !Number.isInteger(value))) {
      throw invalid(name, `a ${whole ? "whole number" : "number"} from ${from} to ${to}`, value);
    }
    resolved[name] = value;
  }
  const seed = options.seed ?? Math.floor(Math.random() * 2 ** 32);
  if (!Number.isSafeInteger(seed)) throw invalid("seed", "a whole number within 53 bits", seed);
  return { ...resolved, seed, logitBias: checkedBias(options.logitBias ?? {}, vocabularySize) };
}

function checkedBias(logitBias: Readonly<Record<number, number>>, vocabularySize: number): Record<number, number> {
  for (const [key, bias] of Object.entries(logitBias)) {
    const token = Number(key);
    if (!Number.isInteger(token) || token < 0 || token >= vocabularySize) {
      throw invalid("logitBias", `token ids from 0 to ${vocabularySize - 1}`, key);
    }
    if (typeof bias !== "number" || Number.isNaN(bias) || bias === Infinity) {
      throw invalid(`logitBias[${key}]`, "a number, or -Infinity to forbid the token", bias);
    }
  }
  return logitBias;
}

function invalid(name: string, expected: string, found: unknown): WebggufError {
  return new WebggufError("invalid-argument", `\`${name}\` must be ${expected}, not ${String(found)}.`);
}
