/**
 * Resolves in a later task, so that messages (a raised signal among them) are received meanwhile. Unlike setTimeout it
 * does not wait: browsers clamp nested timers to 4 ms.
 */
export function nextTask(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

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

  async giveWay(): Promise<void> {
    if (performance.now() - this.#last < this.#milliseconds) return;
    await nextTask();
    this.#last = performance.now();
  }
}
