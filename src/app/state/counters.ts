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

/** "Now" is the mean of at least so many tokens, and of at least so long. */
const RECENT_TOKENS = 16;
const RECENT_MILLISECONDS = 250;
/** Pieces that come closer together than this crossed the thread boundary as one. */
const SAME_BATCH_MILLISECONDS = 0.1;

/** `now` is `performance.now()`; while the prompt is read, the time to the first token counts up to it. */
export function countersOf(run: Run, now: number): Counters {
  // The engine's clock beats the page's: pieces may cross the thread boundary several at a time.
  const exact = run.stats;
  const firstTokenAt = run.firstTokenAt ?? (run.phase === "prefill" ? now : undefined);
  const milliseconds = exact?.tokenMilliseconds.length ? exact.tokenMilliseconds : spread(run.tokenMilliseconds);
  return {
    timeToFirstToken:
      exact?.timeToFirstTokenMilliseconds || (firstTokenAt === undefined ? undefined : firstTokenAt - run.startedAt),
    prefillRate: exact?.prefillRate || undefined,
    decodeNow: rateOf(recent(milliseconds)),
    decodeAverage: exact?.decodeRate || rateOf(milliseconds),
    tokenMilliseconds: milliseconds,
    generatedTokens: Math.max(exact?.generatedTokens ?? 0, run.tokens),
    promptTokens: exact?.promptTokens,
    cachedTokens: exact?.cachedTokens,
    contextUsed: exact?.contextUsed ?? run.contextBefore + run.tokens,
  };
}

function recent(milliseconds: readonly number[]): readonly number[] {
  let first = milliseconds.length;
  let sum = 0;
  while (first > 0 && (sum < RECENT_MILLISECONDS || milliseconds.length - first < RECENT_TOKENS))
    sum += milliseconds[--first];
  return milliseconds.slice(first);
}

/** Gives every piece of a batch its share of the time before the batch. */
function spread(milliseconds: readonly number[]): readonly number[] {
  const even: number[] = [];
  for (let i = 0; i < milliseconds.length; ) {
    let [end, sum] = [i + 1, milliseconds[i]];
    while (end < milliseconds.length && milliseconds[end] < SAME_BATCH_MILLISECONDS) sum += milliseconds[end++];
    for (const share = sum / (end - i); i < end; i++) even.push(share);
  }
  return even;
}

function rateOf(milliseconds: readonly number[]): number | undefined {
  const sum = milliseconds.reduce((total, one) => total + one, 0);
  return sum > 0 ? (milliseconds.length / sum) * 1000 : undefined;
}
