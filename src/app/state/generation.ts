import type { Model, Piece } from "../../core/api.ts";
import type { AnswerSummary, Ending } from "./conversation.ts";
import { describeProblem, type Problem } from "./problems.ts";
import type { RunStore } from "./run.ts";

export interface Outcome {
  text: string;
  ending: Ending;
  summary?: AnswerSummary;
  problem?: Problem;
}

/** How often the engine is asked for its counters while it writes. */
const STATS_MILLISECONDS = 500;

/**
 * Writes one answer into `store`. Never rejects: a failure is an outcome, with the text that came before it. The engine's
 * counters are asked for along the way; where it does not answer in time, the page's own measurements stand.
 */
export async function runGeneration(
  store: RunStore,
  model: Model,
  signal: AbortSignal,
  start: (signal: AbortSignal) => AsyncIterable<Piece>,
  answerId?: number,
): Promise<Outcome> {
  store.begin(answerId);
  let ending: Ending = "stop";
  let problem: Problem | undefined;
  const polling = setInterval(async () => {
    if (!store.liveCounters) return;
    const stats = await model.stats().catch(() => undefined);
    const { phase, tokens } = store.current;
    const ofThisRun = stats && stats.finish === undefined && Math.abs(stats.generatedTokens - tokens) <= tokens / 4;
    if (phase === "decode" && ofThisRun) store.report(stats);
  }, STATS_MILLISECONDS);
  try {
    await store.vacate();
    for await (const piece of start(signal)) {
      store.add(piece);
      if (piece.finish) ending = piece.finish;
    }
    if (signal.aborted) ending = "stopped";
  } catch (error) {
    const found = describeProblem(error);
    ending = found.code === "aborted" ? "stopped" : "failed";
    if (ending === "failed") problem = found;
  } finally {
    clearInterval(polling);
  }
  const stats = await model.stats().catch(() => undefined);
  if (stats) store.report(stats);
  store.end();
  const { text, tokens, startedAt, firstTokenAt } = store.current;
  const summary =
    tokens > 0 && firstTokenAt !== undefined
      ? {
          tokens,
          rate: stats?.decodeRate ?? 0,
          timeToFirstTokenMilliseconds: stats?.timeToFirstTokenMilliseconds ?? firstTokenAt - startedAt,
        }
      : undefined;
  return { text, ending, summary, problem };
}
