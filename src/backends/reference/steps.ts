import { throwIfAborted } from "../../core/errors.ts";

/** A computation that yields wherever it may be interrupted, often enough for pauses of a few milliseconds. */
export type Steps = Generator<void, void, void>;

/** Longest stretch of work, in milliseconds, before the event loop gets its turn. */
const SLICE = 20;

/**
 * Carries computations out in slices, and lets the event loop run between them, so that an `AbortSignal` can be raised.
 * `perform` rejects with `aborted` when it is.
 */
export class SlicedRunner {
  readonly #signal: AbortSignal | undefined;
  #sliceStart = performance.now();

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
    throwIfAborted(signal);
  }

  async perform(steps: Steps): Promise<void> {
    while (!steps.next().done) {
      if (performance.now() - this.#sliceStart < SLICE) continue;
      await new Promise((resolve) => setTimeout(resolve, 0));
      throwIfAborted(this.#signal);
      this.#sliceStart = performance.now();
    }
  }
}
