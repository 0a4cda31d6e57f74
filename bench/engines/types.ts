import type { Engine } from "../../e2e/engines/index.ts";

/** Browsers to compare; `chromium-plain` is Chromium as if it had no relaxed SIMD, which WebKit has not. */
export const SUBJECTS = ["chromium", "chromium-plain", "firefox", "webkit"] as const;
export type Subject = (typeof SUBJECTS)[number];

export const engineOf = (subject: Subject): Engine => (subject === "chromium-plain" ? "chromium" : subject);

/** What every browser is asked to do. */
export interface Task {
  readonly promptTokens: number;
  readonly generateTokens: number;
  /** Measured repetitions per round; the engine warms up by itself. */
  readonly repetitions: number;
  readonly contextLength: number;
  /** As many as the engine takes in this browser, where none are asked for. */
  readonly threads?: number;
}

/** From one opening of the model. Rates are tokens per second by the engine's own clock. */
export interface Measurement {
  readonly prefill: readonly number[];
  readonly decode: readonly number[];
  readonly threads: number;
  readonly simd: string;
  readonly userAgent: string;
}

/** `before` is the build of `--against`. */
export type Build = "before" | "after";

export interface Round {
  readonly round: number;
  readonly subject: Subject;
  readonly build: Build;
  readonly measurement?: Measurement;
  /** Why there is no measurement. */
  readonly error?: string;
  /** Load average over one minute just before. */
  readonly loadBefore: number;
}

export interface FileResult {
  readonly file: string;
  readonly bytes: number;
  readonly rounds: Round[];
}

/** What is in bench/results/engines.json. */
export interface Report {
  readonly date: string;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly system: string };
  readonly task: Task;
  readonly files: FileResult[];
}
