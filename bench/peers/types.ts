/** What every engine is asked to do, in the same words. */
export interface Task {
  promptTokens: number;
  generateTokens: number;
  /** Measured repetitions per round; one more run before them warms up and is not counted. */
  repetitions: number;
  threads: number;
  /** Tokens of context of the engines in the browser; `llama-bench` sizes its own to each test. */
  contextLength: number;
  /** Prompts are random tokens: no prompt repeats within a run, so no prompt cache can help. */
  seed: number;
}

export const ENGINES = ["webgguf", "wllama", "native"] as const;
export type EngineName = (typeof ENGINES)[number];

/** One engine's samples from one round: a fresh process or page, a fresh context. Rates are tokens per second. */
export interface Samples {
  /** By the engine's own clock: the prompt of `promptTokens`, from an empty context. */
  prefill: number[];
  /** By the engine's own clock: `generateTokens` single-token steps. */
  decode: number[];
  /** Milliseconds on the page's clock from the call with the full prompt to the first token. None for `native`. */
  firstToken: number[];
  /** `decode` on the page's clock: from the first streamed token to the last. None for `native`. */
  pageDecode: number[];
}

export interface Measurement extends Samples {
  /** Name and version, as the engine gives them. */
  version: string;
  /** Threads the engine says it uses. */
  threads: number;
  /** Settings that matter for reading the figures. */
  settings: Record<string, string | number | boolean>;
}

export interface Round {
  round: number;
  engine: EngineName;
  measurement?: Measurement;
  /** Why there is no measurement. */
  error?: string;
  /** Load average over one minute just before: well above the engines' own share, others are using the machine. */
  loadBefore: number;
}

export interface FileResult {
  file: string;
  bytes: number;
  rounds: Round[];
}

export const PRODUCT_TYPES = ["Q4_0", "Q8_0", "Q4_K"] as const;
export type ProductType = (typeof PRODUCT_TYPES)[number];

/** Both measure the same product of one matrix: rows of `width`, `out` of them, times `tokens` vectors. */
export interface ProductTiming {
  type: ProductType;
  tokens: number;
  /** Of one product: the mean over the round's. */
  microseconds: number;
}

export interface ProductMeasurement {
  version: string;
  threads: number;
  timings: ProductTiming[];
}

/** One side's products from one round: a fresh process or page. */
export interface ProductRound {
  round: number;
  engine: "webgguf" | "native";
  measurement?: ProductMeasurement;
  /** Why there is no measurement. */
  error?: string;
  loadBefore: number;
}

export interface ProductsResult {
  width: number;
  out: number;
  rounds: ProductRound[];
}

/** What is in bench/results/peers.json. */
export interface Report {
  date: string;
  machine: { cpu: string; cores: number; system: string; browser: string };
  task: Task;
  files: FileResult[];
  /** Where llama.cpp's `test-backend-ops` was given. */
  products?: ProductsResult;
}
