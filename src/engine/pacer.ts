import { nextTask } from "../core/next-task.ts";

/** How long work goes on before messages are received. */
export const PACE_MILLISECONDS = 8;

/** Gives way to other tasks now and then. */
export class Pacer {
  #last = performance.now();
  readonly #milliseconds: number;

  /** `milliseconds`: how long work goes on before it gives way. */
  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
  }

  /** Undefined where it is not time yet. */
  giveWay(): Promise<void> | undefined {
    return performance.now() - this.#last < this.#milliseconds ? undefined : this.#rest();
  }

  async #rest(): Promise<void> {
    await nextTask();
    this.#last = performance.now();
  }
}
