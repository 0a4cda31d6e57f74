import type { Ceilings, DeviceCounters, DotKinds, Profile, SamplingOptions } from "../core/api.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { Graph } from "../core/graph.ts";
import type { TensorInfo } from "../core/source.ts";

/** Type in which keys and values are cached. */
export type CacheType = "f32" | "f16";

export interface CompileOptions {
  /** Most tokens in context: the size of the K/V cache. */
  readonly contextLength: number;
  /** Most tokens of one `run`. */
  readonly batchSize: number;
  /** Most rows of logits of one `run`. */
  readonly outputRows: number;
  readonly cacheType: CacheType;
}

export interface PlanMemory {
  /** Bytes, by kind. */
  readonly weights: number;
  readonly kv: number;
  readonly scratch: number;
}

export interface BackendInfo {
  readonly name: "wasm" | "webgpu" | "reference";
  /** For people: "CPU, relaxed SIMD, 4 threads". */
  readonly device: string;
  /** "relaxed", "simd128" or "none". */
  readonly simd: string;
  readonly threads: number;
  /** As it stands; a choice that is still measured may change. */
  readonly dots?: DotKinds;
}

export interface RunRequest {
  /** Token ids, at most `batchSize`. */
  readonly tokens: ArrayLike<number>;
  /** Position of `tokens[0]` in the context; cache entries from here on are overwritten, those before are used. */
  readonly position: number;
  /** Indices into `tokens` whose logits are wanted, ascending; at most `outputRows`. */
  readonly outputs: readonly number[];
  readonly signal?: AbortSignal;
}

/** A graph made ready for a device: buffers laid out, ops fused, kernels chosen, weights as they arrive. */
export interface Plan {
  readonly memory: PlanMemory;
  /** What a person should know about how it was made; complete when it is ready. */
  readonly notes?: readonly string[];
  /**
   * Reads tensors in slices and puts them where they live; fastest in the order in which they lie in their files. `onBytes` is told the
   * bytes of each slice as it is done. Rejects with `aborted` within 100 ms of the signal; tensors that were through stay loaded.
   */
  load(
    tensors: readonly TensorInfo[],
    options: { onBytes?: (bytes: number) => void; signal?: AbortSignal },
  ): Promise<void>;
  /**
   * Resolves when what goes on beside the loading (kernels are checked and compiled) is done; a run waits for it too. Rejects
   * with `aborted`, and with `device-unavailable`, `out-of-memory` or `device-lost` where the plan can then be of no use.
   * Absent where a plan is ready when it is compiled.
   */
  ready?(signal?: AbortSignal): Promise<void>;
  /**
   * Runs the graph. Resolves to one view per entry of `outputs`, of vocabulary size, valid until the next `run`.
   * Rejects with `aborted` within 100 ms of the signal; the cache before `position` is then still good.
   */
  run(request: RunRequest): Promise<Float32Array[]>;
  /** Whether `decode` can choose by these options. */
  canDecode?(sampling: DecodeRequest["sampling"], choices: number): boolean;
  /**
   * Chooses tokens on the device, some steps ahead of the caller; only their ids come back. Evaluates the request's tokens
   * first. A token that is given out is evaluated next; what was evaluated after the last one taken is overwritten by the
   * next run. Throws as `run` does. Absent where the device never chooses.
   */
  decode?(request: DecodeRequest): AsyncGenerator<number, void, undefined>;
  /**
   * Carries the request out some times with timers on and tells where the time went; rejects as `run` does, and with
   * `device-unavailable` where the device has no timers. Absent where a backend has none.
   */
  profile?(request: RunRequest, repetitions: number): Promise<Profile>;
  /** What a step of decoding costs the device; absent where it means nothing. */
  readonly counters?: DeviceCounters;
  /** Frees everything the plan owns. */
  close(): Promise<void>;
}

export interface DecodeRequest {
  /** Tokens to evaluate before the first choice, at least one and at most `batchSize`. */
  readonly tokens: ArrayLike<number>;
  readonly position: number;
  readonly sampling: Required<SamplingOptions>;
  /** Tokens from 0 up to this number may be chosen. */
  readonly choices: number;
  /** Tokens before the first choice, for penalties; the request's own are among them. */
  readonly history: ArrayLike<number>;
  /** Most tokens to choose; with what is evaluated for them they fit the context. */
  readonly maximum: number;
  readonly signal?: AbortSignal;
}

export interface Backend {
  readonly info: BackendInfo;
  /** Lays out buffers for the graph; throws `out-of-memory` or `unsupported-quantization` before anything is read. */
  compile(graph: Graph, options: CompileOptions): Promise<Plan>;
  /** What the device does at most; see `Ceilings`. Absent where a backend cannot tell. */
  ceilings?(repetitions: number, signal?: AbortSignal): Promise<Ceilings>;
  close(): Promise<void>;
}

export interface BackendOptions {
  /** Number of threads wanted; by default the machine's own choice. */
  readonly threads?: number;
  /** Whether the backend was chosen because it should be the fastest, not asked for by name. */
  readonly automatic?: boolean;
  /** Where a backend remembers what it found out about the device; by default as long as the thread lives. */
  readonly store?: KeyValueStore;
  /** Whether to find out what runs fastest on the device, once; by default if it is worth the while. */
  readonly tune?: boolean;
}

/** Values that can be cloned, by name. */
export interface KeyValueStore {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown): Promise<void>;
}

/** Why a backend cannot be had here. */
export interface Unavailable {
  readonly code: ErrorCode;
  readonly reason: string;
}
