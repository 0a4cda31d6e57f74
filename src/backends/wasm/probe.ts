import { type Build, instantiate, makeMemory } from "./module.ts";

const ROUNDS = 20_000;
const TRIES = 12;
let answer: boolean | undefined;

/** Times the two 8-bit dot products of wasm/dot.h for some milliseconds, once; the best of several tries counts. */
export async function narrowDotIsFaster(build: Build): Promise<boolean> {
  if (answer !== undefined) return answer;
  const { probe } = await instantiate(build, makeMemory(build, 16));
  const best = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let i = 0; i < TRIES; i++) {
    for (const narrow of [0, 1]) {
      const started = performance.now();
      probe(narrow, ROUNDS);
      best[narrow] = Math.min(best[narrow], performance.now() - started);
    }
  }
  answer = best[1] < best[0];
  return answer;
}
