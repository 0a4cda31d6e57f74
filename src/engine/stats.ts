import type { FinishReason, MemoryUse, RunStats } from "../core/api.ts";

const KEPT_TOKEN_TIMES = 512;

/** Clocks one generation. Time that the consumer takes between two pieces does not count. */
export class RunClock {
  readonly #start = performance.now();
  readonly #tokenMilliseconds: number[] = [];
  #firstToken = 0;
  #prefillEnd = 0;
  #decodeMilliseconds = 0;
  #stepStart = 0;
  #generated = 0;
  #finish: FinishReason | undefined;
  #promptTokens = 0;
  #cachedTokens = 0;
  #prefillStart = 0;

  /** The prompt is tokenized; evaluation of what is not in the cache begins. */
  prompt(promptTokens: number, cachedTokens: number): void {
    this.#promptTokens = promptTokens;
    this.#cachedTokens = cachedTokens;
    this.#prefillStart = performance.now();
  }

  prefilled(): void {
    this.#prefillEnd = performance.now();
  }

  /** A step of decoding begins: the evaluation of one token. */
  step(): void {
    this.#stepStart = performance.now();
  }

  /** A token has been chosen. */
  token(): void {
    const now = performance.now();
    if (this.#generated++ === 0) {
      this.#firstToken = now;
      return;
    }
    const milliseconds = now - this.#stepStart;
    this.#decodeMilliseconds += milliseconds;
    this.#tokenMilliseconds.push(milliseconds);
    if (this.#tokenMilliseconds.length > KEPT_TOKEN_TIMES) this.#tokenMilliseconds.shift();
  }

  finish(reason: FinishReason): void {
    this.#finish = reason;
  }

  report(context: { used: number; length: number }, memoryBytes: MemoryUse): RunStats {
    const prefillMilliseconds = this.#prefillEnd ? this.#prefillEnd - this.#prefillStart : 0;
    const evaluated = this.#promptTokens - this.#cachedTokens;
    return {
      promptTokens: this.#promptTokens,
      cachedTokens: this.#cachedTokens,
      generatedTokens: this.#generated,
      timeToFirstTokenMilliseconds: this.#firstToken ? this.#firstToken - this.#start : 0,
      prefillMilliseconds,
      decodeMilliseconds: this.#decodeMilliseconds,
      prefillRate: rate(evaluated, prefillMilliseconds),
      decodeRate: rate(this.#generated - 1, this.#decodeMilliseconds),
      tokenMilliseconds: [...this.#tokenMilliseconds],
      contextUsed: context.used,
      contextLength: context.length,
      memoryBytes,
      finish: this.#finish,
    };
  }
}

/** Per second; 0 when nothing was done. */
export function rate(count: number, milliseconds: number): number {
  return count > 0 && milliseconds > 0 ? (count * 1000) / milliseconds : 0;
}
