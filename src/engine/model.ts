import type { Backend, Plan } from "../backends/backend.ts";
import type {
  BenchOptions,
  BenchResult,
  ChatMessage,
  ChatOptions,
  GenerateOptions,
  Model,
  ModelInfo,
  Piece,
  Profile,
  ProfileOptions,
  RunStats,
  TensorSummary,
  TokenizerBenchOptions,
  TokenizerBenchResult,
} from "../core/api.ts";
import { isWebggufError, WebggufError } from "../core/errors.ts";
import type { GgufFile } from "../gguf/open.ts";
import type { Tokenizer } from "../tokenizer/index.ts";
import { bench } from "./bench.ts";
import { benchTokenizer } from "./bench-parts.ts";
import type { Context } from "./context.ts";
import { generate } from "./generate.ts";
import { Lease } from "./lease.ts";
import { plainMetadata } from "./plain.ts";
import { profile } from "./profile.ts";
import { chatPrompt, checkFits, checkTokens, type Prompt, textPrompt, tokenPrompt } from "./prompt.ts";
import { RunClock } from "./stats.ts";

/** The part of a model that computes; a file with a vocabulary only has none. */
export interface Device {
  readonly backend: Backend;
  readonly plan: Plan;
  readonly context: Context;
}

/** An open model. See `Model` in core/api.ts. */
export class EngineModel implements Model {
  readonly info: ModelInfo;
  readonly #file: GgufFile;
  readonly #tokenizer: Tokenizer;
  readonly #device: Device | undefined;
  readonly #lease = new Lease();
  #clock = new RunClock();
  #closing: Promise<void> | undefined;

  constructor(info: ModelInfo, file: GgufFile, tokenizer: Tokenizer, device: Device | undefined) {
    this.info = info;
    this.#file = file;
    this.#tokenizer = tokenizer;
    this.#device = device;
  }

  async metadata(): Promise<Record<string, unknown>> {
    this.#lease.assertOpen();
    return plainMetadata(this.#file.metadata);
  }

  async tensors(): Promise<TensorSummary[]> {
    this.#lease.assertOpen();
    return Array.from(this.#file.tensors.values(), ({ name, dtype, shape, byteLength }) => ({
      name,
      dtype,
      shape: [...shape],
      byteLength,
    }));
  }

  async tokenize(text: string, options: { addSpecial?: boolean; parseSpecial?: boolean } = {}): Promise<number[]> {
    this.#lease.assertOpen();
    checkText(text, "text");
    return this.#tokenizer.encode(text, options);
  }

  async detokenize(tokens: readonly number[], options: { special?: boolean } = {}): Promise<string> {
    this.#lease.assertOpen();
    return this.#tokenizer.decode(tokens, options);
  }

  async logits(
    tokens: readonly number[],
    options: { positions?: "last" | "all" | readonly number[]; signal?: AbortSignal } = {},
  ): Promise<Float32Array[]> {
    const { context } = this.#needDevice();
    checkTokens(tokens, this.info.vocabularySize);
    checkFits(tokens.length, context.length, "The list");
    const positions = positionsOf(options.positions ?? "last", tokens.length);
    const wanted = [...new Set(positions)].sort((a, b) => a - b);
    return this.#exclusively(options.signal, async (signal) => {
      context.truncate(0);
      const rows = await context.appendAll(tokens, wanted, signal);
      return positions.map((position) => rows[wanted.indexOf(position)]);
    });
  }

  generate(prompt: string | readonly number[], options: GenerateOptions = {}): AsyncGenerator<Piece> {
    return this.#generate(options, () => {
      if (typeof prompt === "string") return textPrompt(this.#tokenizer, prompt, options.parseSpecial ?? false);
      return tokenPrompt(this.#tokenizer, prompt);
    });
  }

  chat(messages: readonly ChatMessage[], options: ChatOptions = {}): AsyncGenerator<Piece> {
    return this.#generate(options, () => chatPrompt(this.#tokenizer, this.#file.metadata, messages, options.tools));
  }

  async embed(): Promise<Float32Array[]> {
    this.#needDevice();
    throw new WebggufError(
      "unsupported-architecture",
      `"${this.info.name}" (${this.info.architecture}) generates text and gives no embeddings; embedding models cannot be run yet.`,
    );
  }

  async bench(options: BenchOptions = {}): Promise<BenchResult> {
    const { context } = this.#needDevice();
    return this.#exclusively(options.signal, (signal) => bench(context, this.info.vocabularySize, options, signal));
  }

  async benchTokenizer(options: TokenizerBenchOptions): Promise<TokenizerBenchResult> {
    this.#lease.assertOpen();
    checkText(options.text, "text");
    return this.#exclusively(options.signal, (signal) => benchTokenizer(this.#tokenizer, options, signal));
  }

  async profile(options: ProfileOptions = {}): Promise<Profile> {
    const { context } = this.#needDevice();
    return this.#exclusively(options.signal, (signal) => profile(context, this.info.vocabularySize, options, signal));
  }

  async stats(): Promise<RunStats> {
    this.#lease.assertOpen();
    const context = this.#device?.context ?? { used: 0, length: 0 };
    const stats = this.#clock.report(context, this.info.memoryBytes);
    const device = this.#device?.plan.counters;
    return device ? { ...stats, device } : stats;
  }

  /** Stops what is under way and frees everything. Calls after it throw `closed`; closing twice is no error. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#lease.close();
    if (!this.#device) return;
    const { backend, plan, context } = this.#device;
    await context.idle();
    try {
      await plan.close();
    } finally {
      await backend.close();
    }
  }

  async *#generate(options: GenerateOptions, makePrompt: () => Prompt): AsyncGenerator<Piece> {
    const { context } = this.#needDevice();
    const holder = this.#lease.acquire(options.signal);
    try {
      const clock = new RunClock();
      this.#clock = clock;
      const { signal } = holder;
      const generator = {
        tokenizer: this.#tokenizer,
        context,
        vocabularySize: this.info.vocabularySize,
        clock,
        signal,
      };
      for await (const piece of generate(generator, makePrompt(), options)) {
        holder.idle = true;
        yield piece;
        holder.idle = false;
      }
    } catch (error) {
      throw this.#explained(error);
    } finally {
      holder.release();
    }
  }

  async #exclusively<T>(signal: AbortSignal | undefined, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const holder = this.#lease.acquire(signal);
    try {
      return await run(holder.signal);
    } catch (error) {
      throw this.#explained(error);
    } finally {
      holder.release();
    }
  }

  /** What was stopped because the model was closed says so. */
  #explained(error: unknown): unknown {
    const stopped = isWebggufError(error, "aborted") && this.#lease.closed;
    return stopped ? new WebggufError("closed", "This model was closed while the call was under way.") : error;
  }

  #needDevice(): Device {
    this.#lease.assertOpen();
    if (this.#device) return this.#device;
    throw new WebggufError(
      "no-weights",
      `"${this.info.name}" holds a vocabulary and no tensors: only tokenize and detokenize work. Open the file with the model's weights.`,
    );
  }
}

function checkText(text: unknown, name: string): void {
  if (typeof text === "string") return;
  throw new WebggufError("invalid-argument", `\`${name}\` must be a text, not ${typeof text}.`);
}

function positionsOf(positions: "last" | "all" | readonly number[], count: number): readonly number[] {
  if (positions === "last") return [count - 1];
  if (positions === "all") return Array.from({ length: count }, (_, index) => index);
  const bad = positions.find((position) => !Number.isInteger(position) || position < 0 || position >= count);
  if (bad === undefined) return positions;
  throw new WebggufError("invalid-argument", `\`positions\` must be indices into the ${count} tokens, not ${bad}.`);
}
