import type { CompileOptions, DecodeRequest, Plan } from "../backends/backend.ts";
import type { Profile } from "../core/api.ts";
import { throwIfAborted, WebggufError } from "../core/errors.ts";
import { giveWay } from "../core/pacer.ts";

/** Tokens evaluated in one run. Chunks of a prompt are no longer, so that progress and stops are frequent. */
export const BATCH_SIZE = 128;

/** Logits of one run take at most this many bytes, unless a single row is longer. */
const OUTPUT_BYTES = 8 << 20;

/** How plans of such contexts are compiled. */
export function contextOptions(
  contextLength: number,
  vocabularySize: number,
): Pick<CompileOptions, "contextLength" | "batchSize" | "outputRows"> {
  const batchSize = Math.min(BATCH_SIZE, contextLength);
  const outputRows = Math.min(batchSize, Math.max(1, Math.floor(OUTPUT_BYTES / (4 * vocabularySize))));
  return { contextLength, batchSize, outputRows };
}

/** A plan, and which tokens its K/V cache holds. */
export class Context {
  readonly length: number;
  readonly #plan: Plan;
  readonly #outputRows: number;
  #tokens: number[] = [];
  #running: Promise<unknown> = Promise.resolve();

  constructor(plan: Plan, contextLength: number, outputRows: number) {
    this.#plan = plan;
    this.length = contextLength;
    this.#outputRows = outputRows;
  }

  /** Tokens in the cache. */
  get used(): number {
    return this.#tokens.length;
  }

  /** The tokens in the cache. */
  get tokens(): readonly number[] {
    return this.#tokens;
  }

  /** How many of the first tokens are in the cache, and need not be evaluated again. */
  commonPrefix(tokens: readonly number[]): number {
    let length = 0;
    while (length < tokens.length && tokens[length] === this.#tokens[length]) length++;
    return length;
  }

  /** Forgets all tokens from this position on. */
  truncate(position: number): void {
    this.#tokens.length = Math.min(this.#tokens.length, position);
  }

  /** Appends tokens in batches; returns the logits after the last one, a view that is valid until the next run. */
  append(tokens: readonly number[], signal?: AbortSignal): Promise<Float32Array> {
    if (tokens.length > BATCH_SIZE) return this.#appendBatches(tokens, signal);
    return this.#run(tokens, [tokens.length - 1], signal).then(firstRow);
  }

  async #appendBatches(tokens: readonly number[], signal?: AbortSignal): Promise<Float32Array> {
    let from = 0;
    for (; tokens.length - from > BATCH_SIZE; from += BATCH_SIZE)
      await this.#run(tokens.slice(from, from + BATCH_SIZE), [], signal);
    return this.append(tokens.slice(from), signal);
  }

  /** Appends tokens and hands out the logits after those in `wanted` (ascending indices), as copies. */
  async appendAll(tokens: readonly number[], wanted: readonly number[], signal?: AbortSignal): Promise<Float32Array[]> {
    const result: Float32Array[] = [];
    let next = 0;
    for (let from = 0; from < tokens.length; ) {
      const outputs: number[] = [];
      const most = Math.min(from + BATCH_SIZE, tokens.length);
      let to = from;
      for (; to < most; to++) {
        if (wanted[next] !== to) continue;
        if (outputs.length === this.#outputRows) break;
        outputs.push(to - from);
        next++;
      }
      for (const row of await this.#run(tokens.slice(from, to), outputs, signal)) result.push(row.slice());
      from = to;
    }
    return result;
  }

  /** Appends tokens, at most `BATCH_SIZE`, and tells where the time went; see `Plan.profile`. */
  async profile(tokens: readonly number[], repetitions: number, signal?: AbortSignal): Promise<Profile> {
    if (!this.#plan.profile)
      throw new WebggufError("device-unavailable", "This backend has no timers. Profile on the CPU path or on a GPU.");
    const request = { tokens, position: this.#tokens.length, outputs: [tokens.length - 1], signal };
    const running = this.#plan.profile(request, repetitions);
    this.#running = running;
    const profile = await running;
    this.#tokens.push(...tokens);
    return profile;
  }

  /** Whether the device can choose tokens by these options. */
  canDecode(sampling: DecodeRequest["sampling"], choices: number): boolean {
    return this.#plan.decode !== undefined && (this.#plan.canDecode?.(sampling, choices) ?? false);
  }

  /**
   * Appends tokens and has the device choose what follows, as long as there is room; see `Plan.decode`. A token that is
   * given out counts as appended once the next one is asked for.
   */
  decode(
    tokens: readonly number[],
    sampling: Pick<DecodeRequest, "sampling" | "choices" | "history" | "maximum">,
    signal?: AbortSignal,
  ): AsyncGenerator<number, void, undefined> {
    const rest = tokens.slice(tokens.length - 1 - ((tokens.length - 1) % BATCH_SIZE));
    const position = this.#tokens.length + tokens.length - rest.length;
    const maximum = Math.min(sampling.maximum, this.length - position - rest.length + 1);
    const choices = this.#plan.decode!({ ...sampling, maximum, tokens: rest, position, signal });
    return this.#follow(choices, tokens.slice(0, tokens.length - rest.length), rest, signal);
  }

  async *#follow(
    choices: AsyncGenerator<number, void, undefined>,
    before: readonly number[],
    rest: readonly number[],
    signal?: AbortSignal,
  ): AsyncGenerator<number, void, undefined> {
    let settle: () => void = () => {};
    try {
      for (let from = 0; from < before.length; from += BATCH_SIZE)
        await this.#run(before.slice(from, from + BATCH_SIZE), [], signal);
      await giveWay();
      this.#running = new Promise<void>((resolve) => {
        settle = resolve;
      });
      let appended = rest;
      for await (const token of choices) {
        this.#tokens.push(...appended);
        appended = [token];
        yield token;
        throwIfAborted(signal);
      }
    } finally {
      await choices.return();
      settle();
    }
  }

  /** Settles when nothing runs on the device. */
  async idle(): Promise<void> {
    await this.#running.catch(() => {});
  }

  async #run(tokens: readonly number[], outputs: number[], signal?: AbortSignal): Promise<Float32Array[]> {
    const rest = giveWay();
    if (rest) await rest;
    throwIfAborted(signal);
    const running = this.#plan.run({ tokens, position: this.#tokens.length, outputs, signal });
    this.#running = running;
    const rows = await running;
    for (let i = 0; i < tokens.length; i++) this.#tokens.push(tokens[i]);
    return rows;
  }
}

const firstRow = (rows: readonly Float32Array[]): Float32Array => rows[0];
