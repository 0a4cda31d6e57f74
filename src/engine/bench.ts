import type { BenchOptions, BenchResult } from "../core/api.ts";
import { throwIfAborted } from "../core/errors.ts";
import { nextTask } from "../core/next-task.ts";
import { argmax } from "../sampling/greedy.ts";
import { resolveSampling } from "../sampling/options.ts";
import { Random } from "../sampling/random.ts";
import type { Context } from "./context.ts";
import { checkCounts, checkFits } from "./prompt.ts";
import { rate } from "./stats.ts";

/**
 * llama-bench's tests: pp evaluates random tokens, tg one token at a time, behind `contextDepth` others, which are put there
 * before the clock starts: what is in the context, random tokens where it is shorter. Warm-ups of each go before and are not
 * counted. What stood before the depth is still there afterwards.
 */
export async function bench(
  context: Context,
  vocabularySize: number,
  options: BenchOptions,
  signal: AbortSignal,
): Promise<BenchResult> {
  const { promptTokens = 128, generateTokens = 32, firstTokenPrompt = 0, contextDepth = 0 } = options;
  const { repetitions = 5, warmups = 1 } = options;
  checkCounts({ promptTokens, generateTokens, firstTokenPrompt, contextDepth, repetitions, warmups }, 0);
  checkFits(contextDepth + promptTokens, context.length, "The benchmark's prompt");
  checkFits(contextDepth + generateTokens, context.length, "The benchmark's answer");
  checkFits(contextDepth + firstTokenPrompt, context.length, "The benchmark's prompt");
  const randomTokens = tokenSource(vocabularySize);
  const greedy = resolveSampling({ temperature: 0, seed: 1 }, vocabularySize);
  const onDevice = context.canDecode(greedy, vocabularySize);

  const choose = async (tokens: readonly number[], maximum: number) => {
    const sampling = { sampling: greedy, choices: vocabularySize, history: [], maximum };
    for await (const _ of context.decode(tokens, sampling, signal));
  };
  const prefill = () => context.append(randomTokens(promptTokens), signal);
  const decode = async () => {
    if (onDevice) return choose(randomTokens(1), generateTokens);
    for (const token of randomTokens(generateTokens)) await context.append([token], signal);
  };
  const firstToken = async () => {
    const tokens = randomTokens(firstTokenPrompt);
    if (onDevice) return choose(tokens, 1);
    argmax(await context.append(tokens, signal));
  };
  const measure = async (count: number, test: () => Promise<unknown>): Promise<number[]> => {
    if (count === 0) return [];
    try {
      return await repeated({ repetitions, warmups }, signal, async () => {
        context.truncate(contextDepth);
        if (context.used < contextDepth) await context.append(randomTokens(contextDepth - context.used), signal);
        const start = performance.now();
        await test();
        return performance.now() - start;
      });
    } finally {
      context.truncate(contextDepth);
    }
  };
  const perSecond = (count: number) => (milliseconds: number) => rate(count, milliseconds);
  return {
    promptTokens,
    generateTokens,
    contextDepth,
    prefill: (await measure(promptTokens, prefill)).map(perSecond(promptTokens)),
    decode: (await measure(generateTokens, decode)).map(perSecond(generateTokens)),
    firstToken: await measure(firstTokenPrompt, firstToken),
  };
}

/** One value for each repetition, after the warm-ups; other tasks get their turn between them, such as a raised signal. */
export async function repeated<T>(
  { repetitions = 5, warmups = 1 }: { readonly repetitions?: number; readonly warmups?: number },
  signal: AbortSignal | undefined,
  measure: () => T | Promise<T>,
): Promise<T[]> {
  checkCounts({ repetitions, warmups }, 0);
  const samples: T[] = [];
  for (let i = -warmups; i < repetitions; i++) {
    await nextTask();
    throwIfAborted(signal);
    const sample = await measure();
    if (i >= 0) samples.push(sample);
  }
  return samples;
}

/** Shorter times are made of several calls, for the clock's sake. */
const LEAST_MILLISECONDS = 5;
const SETTLING_MILLISECONDS = 60;

/** Milliseconds of one call of `work`, so many samples; see `repeated`. */
export async function timeCalls(
  options: { readonly repetitions?: number; readonly warmups?: number },
  signal: AbortSignal | undefined,
  work: () => void,
): Promise<number[]> {
  const time = (calls: number) => {
    const start = performance.now();
    for (let i = 0; i < calls; i++) work();
    return performance.now() - start;
  };
  let calls = 1;
  let spent = 0;
  // Until the browser has compiled what runs often.
  for (let last = 0; spent < SETTLING_MILLISECONDS && calls < 1 << 20; spent += last) {
    throwIfAborted(signal);
    last = time(calls);
    if (last < LEAST_MILLISECONDS) calls *= 2;
  }
  return repeated(options, signal, () => time(calls) / calls);
}

/** Seeded random tokens, so many at a time. */
export function tokenSource(vocabularySize: number): (count: number) => number[] {
  const random = new Random(1);
  return (count) => Array.from({ length: count }, () => Math.floor(random.next() * vocabularySize));
}
