import type { BenchOptions, BenchResult } from "../core/api.ts";
import { throwIfAborted } from "../core/errors.ts";
import { Random } from "../sampling/random.ts";
import type { Context } from "./context.ts";
import { checkCounts, checkFits } from "./prompt.ts";
import { rate } from "./stats.ts";

/**
 * llama-bench's two tests: pp evaluates `promptTokens` random tokens from an empty context, tg evaluates
 * `generateTokens` one at a time from an empty context. One run of each goes before and is not counted.
 */
export async function bench(
  context: Context,
  vocabularySize: number,
  options: BenchOptions,
  signal: AbortSignal,
): Promise<BenchResult> {
  const { promptTokens = 128, generateTokens = 32, repetitions = 5 } = options;
  checkCounts({ promptTokens, generateTokens, repetitions }, 0);
  checkFits(promptTokens, context.length, "The benchmark's prompt");
  checkFits(generateTokens, context.length, "The benchmark's answer");
  const randomTokens = tokenSource(vocabularySize);

  const prefill = async () => {
    await context.append(randomTokens(promptTokens), signal);
  };
  const decode = async () => {
    for (const token of randomTokens(generateTokens)) await context.append([token], signal);
  };
  const measure = async (count: number, test: () => Promise<void>): Promise<number[]> => {
    if (count === 0) return [];
    const rates: number[] = [];
    for (let repetition = -1; repetition < repetitions; repetition++) {
      throwIfAborted(signal);
      context.truncate(0);
      const start = performance.now();
      await test();
      if (repetition >= 0) rates.push(rate(count, performance.now() - start));
    }
    return rates;
  };
  return {
    promptTokens,
    generateTokens,
    prefill: await measure(promptTokens, prefill),
    decode: await measure(generateTokens, decode),
  };
}

/** Seeded random tokens, so many at a time. */
export function tokenSource(vocabularySize: number): (count: number) => number[] {
  const random = new Random(1);
  return (count) => Array.from({ length: count }, () => Math.floor(random.next() * vocabularySize));
}
