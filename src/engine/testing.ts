import type { Backend, CompileOptions, Plan, RunRequest } from "../backends/backend.ts";
import type { Profile } from "../core/api.ts";
import { throwIfAborted, WebggufError } from "../core/errors.ts";
import type { TypedValue } from "../gguf/encode.ts";
import { ggufBytes, type TensorToWrite } from "../gguf/writer.ts";
import type { Environment } from "./open.ts";

/** For tests: a model of a few kilobytes, and a device that only pretends to compute. */

export const LETTERS = "abcdefghijklmnopqrstuvwxyz";

/** `<unk>`, BOS, EOS, then one token per letter (3 … 28), a space (29) and two halves of "é" (30, 31). */
const TOKENS = ["<unk>", "<s>", "</s>", ...LETTERS, "▁", "<0xC3>", "<0xA9>"];

export const BOS = 1;
export const EOS = 2;

/** The ids of letters. */
export function ids(text: string): number[] {
  return Array.from(text, (letter) => LETTERS.indexOf(letter) + 3);
}

export interface TinyOptions {
  readonly trainedContextLength?: number;
  readonly chatTemplate?: string;
  readonly fileType?: number;
  readonly vocabularyOnly?: boolean;
}

/** A llama with one layer of width 8; every letter is a token. */
export function tinyFile(options: TinyOptions = {}): File {
  const { trainedContextLength = 64, chatTemplate, fileType, vocabularyOnly } = options;
  const uint32 = (value: number) => ({ type: "uint32", value }) as const;
  const string = (value: string) => ({ type: "string", value }) as const;
  const metadata = new Map<string, TypedValue>(
    Object.entries<TypedValue>({
      "general.architecture": string("llama"),
      "general.name": string("Tiny"),
      "llama.context_length": uint32(trainedContextLength),
      "llama.embedding_length": uint32(8),
      "llama.block_count": uint32(1),
      "llama.feed_forward_length": uint32(16),
      "llama.attention.head_count": uint32(2),
      "llama.attention.layer_norm_rms_epsilon": { type: "float32", value: 1e-5 } as const,
      "tokenizer.ggml.model": string("llama"),
      "tokenizer.ggml.tokens": { type: "array", of: "string", value: TOKENS } as const,
      "tokenizer.ggml.scores": { type: "array", of: "float32", value: TOKENS.map(() => 0) } as const,
      "tokenizer.ggml.token_type": {
        type: "array",
        of: "int32",
        value: TOKENS.map((text, id) => (id === 0 ? 2 : id < 3 ? 3 : text.startsWith("<0x") ? 6 : 1)),
      } as const,
      "tokenizer.ggml.bos_token_id": uint32(BOS),
      "tokenizer.ggml.eos_token_id": uint32(EOS),
      "tokenizer.ggml.add_bos_token": { type: "bool", value: true } as const,
      "tokenizer.ggml.add_space_prefix": { type: "bool", value: false } as const,
      ...(chatTemplate !== undefined && { "tokenizer.chat_template": string(chatTemplate) }),
      ...(fileType !== undefined && { "general.file_type": uint32(fileType) }),
    }),
  );
  const shapes: Record<string, number[]> = {
    "token_embd.weight": [8, TOKENS.length],
    "output_norm.weight": [8],
    "output.weight": [8, TOKENS.length],
    "blk.0.attn_norm.weight": [8],
    "blk.0.attn_q.weight": [8, 8],
    "blk.0.attn_k.weight": [8, 8],
    "blk.0.attn_v.weight": [8, 8],
    "blk.0.attn_output.weight": [8, 8],
    "blk.0.ffn_norm.weight": [8],
    "blk.0.ffn_gate.weight": [8, 16],
    "blk.0.ffn_up.weight": [8, 16],
    "blk.0.ffn_down.weight": [16, 8],
  };
  let seed = 1;
  const tensors = Object.entries(shapes).map(([name, shape]): TensorToWrite<Uint8Array[]> => {
    const count = shape.reduce((product, length) => product * length, 1);
    const numbers = Float32Array.from({ length: count }, () => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return name.includes("norm") ? 1 : seed / 2 ** 31 - 1;
    });
    return { name, dtype: "F32", shape, data: () => [new Uint8Array(numbers.buffer)] };
  });
  const bytes = ggufBytes({ metadata, tensors: vocabularyOnly ? [] : tensors });
  return new File([bytes], "tiny.gguf");
}

/** What happened on a pretended device. */
export class PretendDevice {
  /** Tokens in the K/V cache, as the runs put them there. */
  cache: number[] = [];
  readonly runs: { position: number; count: number }[] = [];
  readonly compiled: CompileOptions[] = [];
  loadedTensors: string[] = [];
  openPlans = 0;
  openBackends = 0;
  #begun = 0;
  /** Milliseconds a run takes. */
  delay = 0;
  /** Called for each tensor; may throw. */
  onLoad: () => unknown = () => {};
  /** What a plan does to get ready, from when it is compiled. */
  onPrepare: (() => Promise<void>) | undefined;
  /** Called when a run begins; `run` counts from 1. The run goes on when what it returns is fulfilled. */
  onRun: (run: number) => unknown = () => {};
  /** The likeliest token after these. By default the next letter of the alphabet. */
  next = (context: readonly number[]) => ((Math.max(context[context.length - 1], 3) - 3 + 1) % 26) + 3;

  readonly environment: Environment = {
    selectBackend: async () => ({ backend: this.#backend(), notes: ["pretended"] }),
  };

  #backend(): Backend {
    this.openBackends++;
    return {
      info: { name: "reference", device: "pretended", simd: "none", threads: 1 },
      compile: async (_graph, options) => {
        this.compiled.push(options);
        this.openPlans++;
        return this.#plan();
      },
      close: async () => {
        this.openBackends--;
      },
    };
  }

  #plan(): Plan {
    const prepared = this.onPrepare?.();
    prepared?.catch(() => {});
    return {
      memory: { weights: 1, kv: 2, scratch: 3 },
      ...(prepared && { ready: (signal) => orAborted(prepared, signal) }),
      load: async (tensors, { onBytes, signal }) => {
        for (const tensor of tensors) {
          await this.onLoad();
          throwIfAborted(signal);
          this.loadedTensors.push(tensor.name);
          onBytes?.(tensor.byteLength);
        }
      },
      run: (request) => this.#run(request),
      profile: async (request, repetitions) => {
        await this.#run({ ...request, outputs: [] });
        return this.#profile(request, repetitions);
      },
      close: async () => {
        this.openPlans--;
      },
    };
  }

  /** One step of as many microseconds as there are tokens. */
  #profile({ tokens, position }: RunRequest, repetitions: number): Profile {
    const microseconds = tokens.length;
    return {
      tokens: tokens.length,
      contextDepth: position,
      repetitions,
      wallMicroseconds: microseconds,
      plainMicroseconds: microseconds / 2,
      resolutionMicroseconds: 0.25,
      threads: 1,
      steps: [
        {
          label: "all",
          op: "pretended",
          startMicroseconds: 0,
          microseconds,
          threads: [{ startMicroseconds: 0, workMicroseconds: microseconds, waitMicroseconds: 0 }],
        },
      ],
    };
  }

  async #run({ tokens, position, outputs, signal }: RunRequest): Promise<Float32Array[]> {
    if (position > this.cache.length) throw new Error(`position ${position} is beyond the cache`);
    this.cache.length = position;
    await this.onRun(++this.#begun);
    await wait(this.delay, signal);
    throwIfAborted(signal);
    this.runs.push({ position, count: tokens.length });
    this.cache.push(...Array.from(tokens));
    return outputs.map((index) => {
      const row = new Float32Array(TOKENS.length);
      row[this.next(this.cache.slice(0, position + index + 1))] = 5;
      return row;
    });
  }
}

function orAborted(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    work.then(resolve, reject);
    signal?.addEventListener("abort", () => reject(new WebggufError("aborted", "stopped")));
  });
}

function wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  if (milliseconds === 0) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
