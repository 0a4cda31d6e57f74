import type { Run } from "./run.ts";

/** The numbers beside the chat; undefined where there is none yet. Rates are tokens per second. */
export interface Counters {
  timeToFirstToken?: number;
  prefillRate?: number;
  decodeNow?: number;
  decodeAverage?: number;
  /** Milliseconds of the last tokens, oldest first. */
  tokenMilliseconds: readonly number[];
  generatedTokens: number;
  promptTokens?: number;
  cachedTokens?: number;
  contextUsed: number;
}

/** "Now" is the mean of this many tokens. */
const RECENT_TOKENS = 16;

/** `now` is `performance.now()`; while the prompt is read, the time to the first token counts up to it. */
export function countersOf(run: Run, now: number): Counters {
  // The engine's clock beats the page's: pieces may cross the thread boundary several at a time.
  const exact = run.stats;
  const firstTokenAt = run.firstTokenAt ?? (run.phase === "prefill" ? now : undefined);
  const milliseconds = exact?.tokenMilliseconds.length ? exact.tokenMilliseconds : run.tokenMilliseconds;
  return {
    timeToFirstToken:
      exact?.timeToFirstTokenMilliseconds || (firstTokenAt === undefined ? undefined : firstTokenAt - run.startedAt),
    prefillRate: exact?.prefillRate || undefined,
    decodeNow: rateOf(milliseconds.slice(-RECENT_TOKENS)),
    decodeAverage: exact?.decodeRate || rateOf(milliseconds),
    tokenMilliseconds: milliseconds,
    generatedTokens: Math.max(exact?.generatedTokens ?? 0, run.tokens),
    promptTokens: exact?.promptTokens,
    cachedTokens: exact?.cachedTokens,
    contextUsed: exact?.contextUsed ?? run.contextBefore + run.tokens,
  };
}

function rateOf(milliseconds: readonly number[]): number | undefined {
  const sum = milliseconds.reduce((total, one) => total + one, 0);
  return sum > 0 ? (milliseconds.length / sum) * 1000 : undefined;
}
