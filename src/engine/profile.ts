import type { Profile, ProfileOptions } from "../core/api.ts";
import { throwIfAborted } from "../core/errors.ts";
import { tokenSource } from "./bench.ts";
import { BATCH_SIZE, type Context } from "./context.ts";
import { checkCounts, checkFits } from "./prompt.ts";

/**
 * Profiles the evaluation of random tokens behind `contextDepth` others: what is in the context, random tokens where it is
 * shorter. A prompt longer than a batch is profiled batch by batch. What stood before the depth is still there afterwards.
 */
export async function profile(
  context: Context,
  vocabularySize: number,
  options: ProfileOptions,
  signal: AbortSignal,
): Promise<Profile> {
  const { promptTokens = 1, repetitions = 9 } = options;
  checkCounts({ promptTokens, repetitions }, 1);
  checkFits(promptTokens, context.length, "The prompt to be profiled");
  const { contextDepth = Math.min(context.used, context.length - promptTokens) } = options;
  checkCounts({ contextDepth }, 0);
  checkFits(contextDepth + promptTokens, context.length, "The prompt to be profiled, at that depth,");
  const randomTokens = tokenSource(vocabularySize);
  context.truncate(contextDepth);
  if (context.used < contextDepth) await context.append(randomTokens(contextDepth - context.used), signal);
  const parts: Profile[] = [];
  try {
    for (let done = 0; done < promptTokens; done += BATCH_SIZE) {
      throwIfAborted(signal);
      const tokens = randomTokens(Math.min(BATCH_SIZE, promptTokens - done));
      parts.push(await context.profile(tokens, repetitions, signal));
    }
  } finally {
    context.truncate(contextDepth);
  }
  return parts.reduce(joined);
}

/** Two profiles, the second right behind the first. */
function joined(a: Profile, b: Profile): Profile {
  const shift = a.wallMicroseconds;
  const shifted = b.steps.map((step) => ({
    ...step,
    startMicroseconds: step.startMicroseconds + shift,
    threads: step.threads?.map(({ startMicroseconds: start, ...thread }) =>
      start === undefined ? thread : { startMicroseconds: start + shift, ...thread },
    ),
  }));
  return {
    ...a,
    tokens: a.tokens + b.tokens,
    wallMicroseconds: a.wallMicroseconds + b.wallMicroseconds,
    plainMicroseconds: a.plainMicroseconds + b.plainMicroseconds,
    resolutionMicroseconds: Math.max(a.resolutionMicroseconds, b.resolutionMicroseconds),
    steps: [...a.steps, ...shifted],
  };
}
