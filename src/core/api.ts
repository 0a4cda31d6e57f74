import type { DType } from "./dtype.ts";

/**
 * The public API: `window.webgguf`, the worker client and the package export the same object. Errors are `WebggufError`s.
 */
export interface Webgguf {
  /** Opens a model. Only the header is read before the weights stream in; a failed open leaves nothing allocated. */
  open(source: ModelSource, options?: OpenOptions): Promise<Model>;
  /** Renders a chat template (Jinja) as llama.cpp does. */
  renderTemplate(template: string, options: TemplateOptions): Promise<string>;
  /**
   * Times single operations of a model on a device, with random weights; needs no model. An operation that the device cannot
   * do has an `error` instead of samples.
   */
  benchKernels(specs: readonly KernelSpec[], options?: KernelBenchOptions): Promise<KernelBenchResult>;
  /** Times the choice of a token by these options among gaussian logits; needs no model. */
  benchSampling(options: SamplingBenchOptions): Promise<SamplingBenchResult>;
}

/** A file, or the parts of a split one in any order. */
export type ModelSource = ModelPart | readonly ModelPart[];
export type ModelPart = File | Blob | FileSystemFileHandle | string;

export type BackendName = "webgpu" | "wasm" | "reference";

export interface OpenOptions {
  backend?: "auto" | BackendName;
  /** Tokens of context; at most what the model was trained with unless asked for. */
  contextLength?: number;
  threads?: number;
  kvCache?: "f32" | "f16" | "q8_0";
  onProgress?: (progress: OpenProgress) => void;
  signal?: AbortSignal;
}

export interface OpenProgress {
  stage: "header" | "tokenizer" | "compile" | "weights" | "ready";
  loadedBytes: number;
  totalBytes: number;
}

export interface TemplateOptions {
  messages: readonly ChatMessage[];
  bosToken: string;
  eosToken: string;
  addGenerationPrompt: boolean;
  tools?: readonly unknown[];
}

export interface ChatMessage {
  role: "system" | "user" | "assistant" | "tool";
  content: string;
}

export interface ModelInfo {
  name: string;
  architecture: string;
  /** The file's own name of its mix (`Q4_K_M`), else the type that most weights have. */
  quantization: string;
  parameterCount: number;
  fileBytes: number;
  /** Tokens of context this session has. */
  contextLength: number;
  /** Tokens of context the model was trained with. */
  trainedContextLength: number;
  vocabularySize: number;
  embeddingLength: number;
  layerCount: number;
  backend: BackendName | "none";
  /** For people: "CPU, relaxed SIMD, 2 threads". */
  device: string;
  /** "relaxed", "simd128" or "none". */
  simd: string;
  threads: number;
  /** Which kernels the CPU path multiplies with; absent on other devices. */
  dots?: DotKinds;
  /** Until header, tokenizer and tensor table were ready. */
  openMilliseconds: number;
  /** Until the last weight was in place, from the call. */
  loadMilliseconds: number;
  memoryBytes: MemoryUse;
  /** False when the file has a vocabulary and no tensors: only `tokenize` and `detokenize` work then. */
  hasWeights: boolean;
  hasChatTemplate: boolean;
  /** Things a person should know, such as why a backend was not used. */
  notes: string[];
}

/**
 * Products of 8-bit numbers: summed in pairs into 16-bit lanes, or straight into 32-bit lanes, which is one instruction where
 * the machine has an 8-bit dot product (AVX-VNNI, Arm's dotprod). Both give the same numbers.
 */
export type DotForm = "narrow" | "wide";

/** Which kernels the CPU path multiplies with. */
export interface DotKinds {
  /** For one token, bound by memory. */
  readonly gemv: DotForm;
  /** For many tokens, bound by arithmetic. */
  readonly gemm: DotForm;
  /** What the machine's wide dot makes of a weight's eighth bit: Q8_0 is multiplied as bytes where it counts, else as 16-bit numbers. */
  readonly full: "none" | "unsigned" | "signed";
  /** How `gemv` and `gemm` were found: there is one form only, or it was asked for; from `full`; timed now; timed by an earlier visit. */
  readonly source: "only" | "guess" | "measured" | "remembered";
}

/** Bytes, by kind. */
export interface MemoryUse {
  weights: number;
  kv: number;
  scratch: number;
}

export interface TensorSummary {
  name: string;
  dtype: string;
  shape: number[];
  byteLength: number;
}

export interface SamplingOptions {
  /** 0 is greedy. Default 0.8. */
  temperature?: number;
  /** Keep the k likeliest; 0 is off. Default 40. */
  topK?: number;
  /** Keep the smallest set of this probability; 1 is off. Default 0.95. */
  topP?: number;
  /** Keep what is at least this share of the likeliest; 0 is off. Default 0.05. */
  minP?: number;
  /** Locally typical sampling; 1 is off. Default 1. */
  typicalP?: number;
  /** Divides (multiplies, if negative) the logits of tokens seen; 1 is off. Default 1. */
  repeatPenalty?: number;
  /** How many of the last tokens the penalties look at; -1 is the whole context. Default 64. */
  repeatLastN?: number;
  /** Subtracted from tokens seen at all. Default 0. */
  presencePenalty?: number;
  /** Subtracted per occurrence. Default 0. */
  frequencyPenalty?: number;
  /** The same seed gives the same text; by default a fresh one. */
  seed?: number;
  /** Added to single tokens' logits; -Infinity forbids one. */
  logitBias?: Readonly<Record<number, number>>;
}

export interface GenerateOptions extends SamplingOptions {
  /** Most tokens to write; by default until the context is full. */
  maxTokens?: number;
  /** Texts that end the answer; they are not part of it. */
  stop?: readonly string[];
  /** Go on past end-of-generation tokens. */
  ignoreEos?: boolean;
  /** How many of the likeliest tokens to report per step; each piece then has `logprob` and `top`. */
  logprobs?: number;
  /** Whether text like `<|im_end|>` in the prompt means the control token. Default false for `generate`. */
  parseSpecial?: boolean;
  /** What to do when the context fills up: stop there (default) or drop the oldest half behind the kept start. */
  onContextFull?: "stop" | "shift";
  signal?: AbortSignal;
}

export interface ChatOptions extends GenerateOptions {
  tools?: readonly unknown[];
}

export interface Piece {
  token: number;
  /** May be empty: text is emitted in whole characters only. */
  text: string;
  /** Natural log of the token's probability before sampling options. */
  logprob?: number;
  top?: { token: number; text: string; logprob: number }[];
  /** On the last piece only: why it is the last. */
  finish?: FinishReason;
}

export type FinishReason = "stop" | "length" | "context-full";

export interface RunStats {
  promptTokens: number;
  /** Prompt tokens that were still in the cache from the turn before. */
  cachedTokens: number;
  generatedTokens: number;
  /** From the call to the first token. */
  timeToFirstTokenMilliseconds: number;
  prefillMilliseconds: number;
  decodeMilliseconds: number;
  /** Tokens per second. */
  prefillRate: number;
  decodeRate: number;
  /** Milliseconds of each generated token after the first, the last 512 at most. */
  tokenMilliseconds: number[];
  contextUsed: number;
  contextLength: number;
  memoryBytes: MemoryUse;
  /** Of a GPU; absent elsewhere. */
  device?: DeviceCounters;
  finish?: FinishReason;
}

/** What decoding costs a GPU. All but the first count from the opening of the model. */
export interface DeviceCounters {
  /** Kernels started for one token. */
  readonly dispatchesPerToken: number;
  /** Steps whose token the device chose. */
  readonly deviceTokens: number;
  /** Bytes read back for them, and buffers and bind groups created meanwhile. */
  readonly bytesRead: number;
  readonly buffersCreated: number;
  readonly bindGroupsCreated: number;
}

export interface BenchOptions {
  /** Tokens of the prompt (llama-bench's pp); 0 leaves it out. Default 128. */
  promptTokens?: number;
  /** Tokens to generate one by one (tg); 0 leaves it out. Default 32. */
  generateTokens?: number;
  /** Tokens of a prompt up to whose first token the time is taken; 0, the default, leaves it out. */
  firstTokenPrompt?: number;
  /** Tokens in the context before each of them, put there beforehand. Default 0. */
  contextDepth?: number;
  /** Repetitions that count, and those before that do not. Default 5 and 1. */
  repetitions?: number;
  warmups?: number;
  signal?: AbortSignal;
}

/** One entry per repetition. */
export interface BenchResult {
  promptTokens: number;
  generateTokens: number;
  contextDepth: number;
  /** Tokens per second. */
  prefill: number[];
  /** Tokens per second. A device that chooses tokens itself does so here, greedily; on others random tokens are evaluated. */
  decode: number[];
  /** Milliseconds from the call to the first token, chosen greedily. */
  firstToken: number[];
}

export interface TokenizerBenchOptions {
  /** The text to be encoded, and decoded again. */
  text: string;
  repetitions?: number;
  warmups?: number;
  signal?: AbortSignal;
}

/** Milliseconds of one call, one entry per repetition; calls that are short for the clock are timed some at a time. */
export interface TokenizerBenchResult {
  /** UTF-8. */
  bytes: number;
  tokens: number;
  encode: number[];
  decode: number[];
}

export interface SamplingBenchOptions {
  vocabularySize: number;
  sampling: SamplingOptions;
  /** Default 5 and 1. */
  repetitions?: number;
  warmups?: number;
  signal?: AbortSignal;
}

export interface SamplingBenchResult {
  /** Of one token, one entry per repetition. */
  milliseconds: number[];
}

/** An operation and its sizes. `tokens` are rows evaluated together: 1 is a step of decoding. */
export type KernelSpec =
  /** y = W·x with W of shape (width, out). */
  | { kernel: "matmul"; dtype: DType; width: number; out: number; tokens: number }
  /** Rows of a table, decoded to F32. */
  | { kernel: "embed"; dtype: DType; width: number; tokens: number }
  /** `tokens` queries, the last of which sees `context` positions of a half-precision cache. */
  | { kernel: "attention"; heads: number; kvHeads: number; headSize: number; context: number; tokens: number }
  | { kernel: "rope"; heads: number; headSize: number; tokens: number }
  | { kernel: "rms_norm" | "glu" | "add"; width: number; tokens: number }
  /** A transformer layer with all its parts. */
  | {
      kernel: "layer";
      dtype: DType;
      width: number;
      feedForward: number;
      heads: number;
      kvHeads: number;
      headSize: number;
      context: number;
      tokens: number;
    };

export interface KernelBenchOptions {
  backend?: "auto" | BackendName;
  threads?: number;
  /** Default 5. One run goes before. */
  repetitions?: number;
  /** Whether to measure first what the machine does at most. Default true. */
  ceilings?: boolean;
  /** Told of each operation as it is done. */
  onProgress?: (timing: KernelTiming) => void;
  signal?: AbortSignal;
}

export interface KernelBenchResult {
  backend: BackendName;
  device: string;
  threads: number;
  /** Absent where they were not asked for, or the device cannot measure them. */
  ceilings?: Ceilings;
  kernels: KernelTiming[];
}

/** What a device does when it does nothing else: loops that only copy, read, or multiply and add. One entry per repetition. */
export interface Ceilings {
  /** 10^9 bytes per second, read and written. */
  copy: number[];
  /** 10^9 bytes per second, read alone. */
  read: number[];
  /** 10^9 multiplications and additions per second, in float32. */
  float32: number[];
  /** The same in half precision, and of 8-bit dot products, where the device has them. */
  float16?: number[];
  int8?: number[];
}

export interface KernelTiming {
  spec: KernelSpec;
  /** Of one call, one entry per repetition. */
  microseconds: number[];
  /** What one call has to read and write: weights, cache, rows in and out. */
  bytes: number;
  /** Multiplications and additions. */
  operations: number;
  /** `device`: by timers of the device or its threads around the operation; `wall`: a whole run of copies of it, shared out. */
  clock: "device" | "wall";
  /** Why there are no samples. */
  error?: string;
}

export interface ProfileOptions {
  /** Tokens evaluated together, as of a prompt; 1, the default, is a step of decoding. */
  promptTokens?: number;
  /** Tokens in the context before them; by default those that are there now. */
  contextDepth?: number;
  /** Times that each run is measured. Default 9. */
  repetitions?: number;
  signal?: AbortSignal;
}

/** Where the time of a run goes. */
export interface Profile {
  /** Tokens evaluated, and those in the context before. */
  tokens: number;
  contextDepth: number;
  /** Runs that were measured. */
  repetitions: number;
  /** From the beginning of the first step to the end of the last. */
  wallMicroseconds: number;
  /** The same run without timers between its steps: the difference is what the timers cost. Median. */
  plainMicroseconds: number;
  /** The smallest difference that the clock showed. */
  resolutionMicroseconds: number;
  /** Threads of the CPU path; 0 on a GPU. */
  threads: number;
  /** In order. */
  steps: ProfileStep[];
}

export interface ProfileStep {
  /** What it computes: `blk.0.attn_q`. */
  label: string;
  /** How: the kernel and the types of its weights, such as `matvec Q4_K`. */
  op: string;
  /** From the beginning of the first step. */
  startMicroseconds: number;
  microseconds: number;
  /** Weights and cached keys and values that it has to read, where that is known. */
  bytes?: number;
  /** On the CPU, one entry for each thread. */
  threads?: ProfileThread[];
}

/** A thread's part in a step. */
export interface ProfileThread {
  /** From the beginning of the first step to its first work in this one; absent where it did none. */
  startMicroseconds?: number;
  workMicroseconds: number;
  /** The rest of the step: taking work, looking for work, asleep. */
  waitMicroseconds: number;
}

export interface Model {
  readonly info: ModelInfo;
  metadata(): Promise<Record<string, unknown>>;
  tensors(): Promise<TensorSummary[]>;
  tokenize(text: string, options?: { addSpecial?: boolean; parseSpecial?: boolean }): Promise<number[]>;
  detokenize(tokens: readonly number[], options?: { special?: boolean }): Promise<string>;
  /** Raw logits, one vocabulary-sized array per position; starts from an empty context. Default position: "last". */
  logits(
    tokens: readonly number[],
    options?: { positions?: "last" | "all" | readonly number[] },
  ): Promise<Float32Array[]>;
  generate(prompt: string | readonly number[], options?: GenerateOptions): AsyncIterable<Piece>;
  /** Renders the file's own chat template, then generates. */
  chat(messages: readonly ChatMessage[], options?: ChatOptions): AsyncIterable<Piece>;
  embed(texts: readonly string[], options?: { normalize?: boolean }): Promise<Float32Array[]>;
  bench(options?: BenchOptions): Promise<BenchResult>;
  /** Times the tokenizer. */
  benchTokenizer(options: TokenizerBenchOptions): Promise<TokenizerBenchResult>;
  /** Where the time of one token, or of a prompt, goes. Throws `device-unavailable` where the device has no timers. */
  profile(options?: ProfileOptions): Promise<Profile>;
  stats(): Promise<RunStats>;
  close(): Promise<void>;
}
