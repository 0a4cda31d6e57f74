import type { Model } from "../core/api.ts";
import type { Unit } from "./schedule.ts";
import type { BenchEvent, Session } from "./session.ts";
import type { BenchRun } from "./types.ts";
import type { Allocated } from "./watch.ts";

/** Answers of two lengths: their difference leaves out what a call costs however long it is. */
const SHORT = 8;
const LONG = 40;
/** Tokens that the answer of `generate` goes on from. */
const PROMPT = [1, 2, 3, 4];

export const allocationUnits = (name: string): Unit[] => [{ key: `${name}: allocations`, cost: 3 * (SHORT + LONG) }];

/**
 * Bytes that JavaScript allocates for each token, in the model's thread and in the page's: of steps that compute, as `tg`
 * times them, and of `generate` with everything around them. Nothing where the surroundings cannot tell, or the context is
 * too short.
 */
export async function* measureAllocations(
  session: Session,
  model: Model,
  run: BenchRun,
  name: string,
): AsyncGenerator<BenchEvent, void> {
  const allocated = session.task.probes?.allocated;
  if (!allocated || model.info.contextLength < PROMPT.length + LONG) return;
  const { signal } = session;
  const steps = async (generateTokens: number) => {
    await model.bench({ promptTokens: 0, generateTokens, repetitions: 1, warmups: 0, signal });
  };
  const answer = async (maxTokens: number) => {
    for await (const _ of model.generate(PROMPT, { maxTokens, temperature: 0, ignoreEos: true, signal }));
  };
  const during = async (work: () => Promise<void>): Promise<Allocated> => {
    await allocated();
    await work();
    return (await allocated()) ?? { model: 0, page: 0 };
  };
  const perToken = async (work: (tokens: number) => Promise<void>): Promise<Allocated> => {
    const [short, long] = [await during(() => work(SHORT)), await during(() => work(LONG))];
    const slope = (of: (bytes: Allocated) => number) => Math.max(0, (of(long) - of(short)) / (LONG - SHORT));
    return { model: slope((bytes) => bytes.model), page: slope((bytes) => bytes.page) };
  };
  const key = `${name}: allocations`;
  const [decode, generate] = yield* session.step({ key, label: key }, async () => {
    await answer(LONG);
    return [await perToken(steps), await perToken(answer)];
  });
  const add = (id: string, value: number) => session.add(run, { id, unit: "bytes", warmups: 1 }, [value]);
  yield* add("heap per token", decode.model);
  yield* add("heap per token, generate", generate.model);
  yield* add("heap per token, page", generate.page);
}
