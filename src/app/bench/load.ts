/** Pieces of work, the first of which warm up. */
const PIECES = 48;
const WARMUPS = 8;
/** Steps of arithmetic in one piece: some milliseconds. */
const STEPS = 400_000;

/**
 * The share of a processor that others took from this thread, 0 … 1: how much longer equal pieces of work took than the
 * fastest of them, on the whole.
 */
export function takenShare(milliseconds: readonly number[]): number {
  const all = milliseconds.reduce((sum, one) => sum + one, 0);
  const least = Math.min(...milliseconds) * milliseconds.length;
  return all > 0 ? 1 - least / all : 0;
}

/** Measures it on the thread that calls, for some tens of milliseconds. */
export function takenFromThread(): number {
  const times: number[] = [];
  let state = 1;
  for (let piece = 0; piece < PIECES; piece++) {
    const start = performance.now();
    for (let step = 0; step < STEPS; step++) state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    times.push(performance.now() - start);
  }
  // The result must be wanted, or the loop could be left out.
  if (!Number.isInteger(state)) throw new Error("the sum is no number");
  return takenShare(times.slice(WARMUPS));
}

/** How many processors others keep busy: what they take from threads as many as there are processors, all at once. */
export async function measureLoad(): Promise<number> {
  const workers = Array.from(
    { length: navigator.hardwareConcurrency },
    () => new Worker(new URL("./load-worker.ts", import.meta.url), { type: "module" }),
  );
  const answers = () => Promise.all(workers.map(answerOf));
  try {
    await answers();
    const measured = answers();
    for (const worker of workers) worker.postMessage("measure");
    const taken = (await measured) as number[];
    return taken.reduce((sum, share) => sum + share, 0);
  } finally {
    for (const worker of workers) worker.terminate();
  }
}

const answerOf = (worker: Worker) =>
  new Promise<unknown>((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message || "The worker that measures the load did not start."));
  });
