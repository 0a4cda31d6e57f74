import { throwIfAborted } from "./errors.ts";

/** Rejects with `aborted` at once, whatever the work is waiting for. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  let stop = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
    if (signal.aborted) resolve();
    signal.addEventListener("abort", stop);
  });
  return Promise.race([work, stopped.then(() => throwIfAborted(signal))])
    .then(() => work)
    .finally(() => signal.removeEventListener("abort", stop));
}
