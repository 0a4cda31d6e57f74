import type { BackendName, KernelSpec, MemoryUse } from "../core/api.ts";

export const SCHEMA = "webgguf-bench/1";

/** What a benchmark run leaves: plain data, as JSON. `schema.ts` validates it. */
export interface BenchReport {
  schema: typeof SCHEMA;
  /** For people: "before the change". */
  name: string;
  /** ISO 8601, when it began. */
  date: string;
  build: Build;
  machine: Machine;
  plan: Pick<BenchPlan, "set" | "opens" | "rounds" | "warmups">;
  /** How it was started, where that was on a command line: "npm run bench -- --quick". */
  command?: string;
  /** Two results with the same mark were measured in turn, step by step, on one machine. */
  turns?: string;
  runs: BenchRun[];
  /** Why the figures may be wrong. */
  warnings: BenchWarning[];
}

export interface Build {
  version: string;
  /** Commit, with "+" behind it when the tree was changed; absent where it is not known. */
  commit?: string;
}

/** Where it ran. What a browser does not tell is absent. */
export interface Machine {
  /** "Chromium 141.0.7390.37". */
  browser: string;
  /** "Linux x86_64". */
  system: string;
  /** Model of the processor; browsers do not tell. */
  cpu?: string;
  logicalProcessors: number;
  /** Of the machine, as far as the browser tells (at most 8). */
  memoryGigabytes?: number;
  /** Whether the page is cross-origin isolated: without it there is one thread and a coarse clock. */
  isolated: boolean;
  gpu?: GpuFacts;
  power?: { charging: boolean /** 0 … 1. */; level: number };
}

export interface GpuFacts {
  /** "nvidia ada lovelace", as far as the browser tells. */
  adapter: string;
  fallback: boolean;
  features: string[];
  limits: Record<string, number>;
}

/** Everything that was measured on one subject and device. */
export interface BenchRun {
  /** `page`: answers in the page, as a person gets them. */
  kind: "model" | "kernels" | "sampling" | "page";
  /** "Qwen2.5 0.5B", "kernels". */
  subject: string;
  /** "Q4_K_M"; of runs on models. */
  type?: string;
  backend: BackendName | "none";
  /** For people: "CPU, relaxed SIMD, 2 threads". */
  device: string;
  /** Of the CPU path; 0 elsewhere. */
  threads: number;
  /** Weights are random. */
  synthetic?: boolean;
  fileBytes?: number;
  parameterCount?: number;
  contextLength?: number;
  memoryBytes?: MemoryUse & {
    /** JavaScript heap of the page; absent where the browser does not tell. */
    heap?: number;
    /** Most that the browser's processes held while the model was opened; only where something outside looks on. */
    peak?: number;
  };
  tests: BenchTest[];
  /** What was left out, and why. */
  skipped: string[];
  notes: string[];
  /** Why the run ended early. */
  error?: string;
}

export type Unit = "tokens/s" | "ms" | "µs" | "MB/s" | "op/s" | "GB/s" | "GFLOP/s" | "bytes";

export interface BenchTest {
  /** llama-bench's names for models (`pp128`, `tg32 @ d2048`), and `ttft128`, `open header`, `encode`, `matmul Q4_0 896×4864`. */
  id: string;
  unit: Unit;
  /** Every one, in the order in which they were measured. */
  samples: number[];
  /** Repetitions that went before and are not among the samples, for each time that the subject was opened. */
  warmups: number;
  /** How many samples each opening left, one after the other: they share its luck. Absent: one. */
  samplesPerOpening?: number;
  /** Of a kernel: what one call reads and writes at least, and its multiplications and additions. */
  bytes?: number;
  operations?: number;
  kernel?: KernelSpec;
}

/** Larger is better for rates, smaller for times. */
export const higherIsBetter = (unit: Unit): boolean => unit.endsWith("/s");

export interface BenchWarning {
  code: WarningCode;
  message: string;
}

export const WARNING_CODES = ["hidden", "not-isolated", "busy", "drift", "spread", "power", "stopped"] as const;
export type WarningCode = (typeof WARNING_CODES)[number];

/** What to measure, and how often. */
export interface BenchPlan {
  set: "quick" | "full" | "custom";
  /** Times that each model is opened afresh; a test has `opens` · `rounds` samples. */
  opens: number;
  /** Times that every test is measured after each opening, in turn. */
  rounds: number;
  /** Times that every test is run after each opening before that. */
  warmups: number;
  /** Lengths of prompts (pp), of answers (tg), depths of the context before them. */
  prompt: readonly number[];
  generate: readonly number[];
  depths: readonly number[];
  /** Lengths of prompts up to whose first token the time is taken. */
  firstToken: readonly number[];
  tokenizer: boolean;
  /** Sizes of the vocabularies that tokens are drawn from. */
  vocabularies: readonly number[];
  kernels: readonly KernelSpec[];
}
