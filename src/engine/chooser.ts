import { WebggufError } from "../core/errors.ts";
import type { SamplerChain } from "../sampling/chain.ts";
import type { Context } from "./context.ts";

/** A token, and the logits it was chosen from where they are at hand. */
export interface Choice {
  readonly token: number;
  readonly logits?: Float32Array;
}

export interface Chooser {
  /** Evaluates tokens and chooses the next one; `maximum`: most tokens that will be asked for from here on. */
  after(tokens: readonly number[], maximum: number): Promise<Choice>;
  /** Evaluates the token chosen last and chooses the next one. */
  next(token: number): Promise<Choice>;
  /** Ends what goes on on the device. */
  end(): Promise<void>;
}

/** Chooses with the sampler chain from logits that are read back. */
export class ChainChooser implements Chooser {
  readonly #context: Context;
  readonly #chain: SamplerChain;
  readonly #choices: number;
  readonly #signal: AbortSignal;
  /** What came back last, and the part of it that stands for tokens: backends give the same view each time. */
  #row: Float32Array | undefined;
  #logits: Float32Array = new Float32Array();

  constructor(context: Context, chain: SamplerChain, choices: number, prompt: readonly number[], signal: AbortSignal) {
    for (const token of prompt) chain.accept(token);
    this.#context = context;
    this.#chain = chain;
    this.#choices = choices;
    this.#signal = signal;
  }

  async after(tokens: readonly number[]): Promise<Choice> {
    const row = await this.#context.append(tokens, this.#signal);
    if (row !== this.#row) {
      this.#row = row;
      this.#logits = row.length === this.#choices ? row : row.subarray(0, this.#choices);
    }
    const logits = this.#logits;
    const token = this.#chain.sample(logits);
    this.#chain.accept(token);
    return { token, logits };
  }

  next(token: number): Promise<Choice> {
    return this.after([token]);
  }

  async end(): Promise<void> {}
}

/** Lets the device choose; the chain's options say how. */
export class DeviceChooser implements Chooser {
  readonly #context: Context;
  readonly #chain: SamplerChain;
  readonly #choices: number;
  readonly #signal: AbortSignal;
  /** All tokens so far, for penalties. */
  readonly #history: number[];
  #tokens: AsyncGenerator<number, void, undefined> | undefined;
  #begun = 0;

  constructor(context: Context, chain: SamplerChain, choices: number, prompt: readonly number[], signal: AbortSignal) {
    this.#context = context;
    this.#chain = chain;
    this.#choices = choices;
    this.#signal = signal;
    this.#history = [...prompt];
  }

  async after(tokens: readonly number[], maximum: number): Promise<Choice> {
    await this.end();
    const { seed } = this.#chain.options;
    // An answer that goes on after a shift draws other numbers than it began with.
    const sampling = { ...this.#chain.options, seed: seed + this.#begun++ };
    const request = { sampling, choices: this.#choices, history: this.#history, maximum };
    this.#tokens = this.#context.decode(tokens, request, this.#signal);
    return this.#take();
  }

  next(): Promise<Choice> {
    return this.#take();
  }

  async end(): Promise<void> {
    await this.#tokens?.return();
    this.#tokens = undefined;
  }

  async #take(): Promise<Choice> {
    const { value: token } = await this.#tokens!.next();
    if (token === undefined) throw new WebggufError("internal", "The device ended before the answer did.");
    this.#history.push(token);
    return { token };
  }
}
