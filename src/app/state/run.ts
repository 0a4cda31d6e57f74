import type { Piece, RunStats } from "../../core/api.ts";
import { Feed } from "./feed.ts";

/** What is known of the answer that is being written, or of the last one. Times are `performance.now()`. */
export interface Run {
  readonly phase: "idle" | "prefill" | "decode";
  /** The message it belongs to; none in completion mode. */
  readonly answerId?: number;
  readonly text: string;
  readonly tokens: number;
  readonly startedAt: number;
  readonly firstTokenAt?: number;
  readonly lastTokenAt?: number;
  /** Milliseconds between tokens as they came, the last 512. */
  readonly tokenMilliseconds: readonly number[];
  /** The engine's own counters of this run, once it has told them. */
  readonly stats?: RunStats;
  /** Tokens in context when the run began. */
  readonly contextBefore: number;
}

const KEPT_TOKENS = 512;
const TICK_MILLISECONDS = 100;
/** What the page draws, the threads that compute do not have: text comes in so often, counters no oftener than they are read. */
const TEXT_MILLISECONDS = 100;
const COUNTERS_MILLISECONDS = 500;
const IDLE: Run = { phase: "idle", text: "", tokens: 0, startedAt: 0, tokenMilliseconds: [], contextBefore: 0 };

/**
 * Holds the running answer outside React: tokens come faster than anybody reads, so that only the answer and the counters
 * are told, each in its own time.
 */
export class RunStore {
  #run: Run = IDLE;
  readonly text = new Feed(() => this.#run, TEXT_MILLISECONDS);
  readonly counters = new Feed(() => this.#run, COUNTERS_MILLISECONDS);
  /** Whether the counters are told while an answer is being written, or only then when it has been. */
  liveCounters = true;
  #ticker: ReturnType<typeof setInterval> | undefined;
  #guest: { readonly abort: AbortController; readonly done: Promise<unknown> } | undefined;

  get current(): Run {
    return this.#run;
  }

  /** Something else uses the model until `done`; an answer stops it and waits for it. */
  occupy(abort: AbortController, done: Promise<unknown>): void {
    this.#guest = { abort, done: done.catch(() => {}) };
  }

  /** Resolves when nothing that was told to `occupy` uses the model any more. */
  async vacate(): Promise<void> {
    this.#guest?.abort.abort();
    await this.#guest?.done;
    this.#guest = undefined;
  }

  begin(answerId?: number): void {
    const { stats, contextBefore } = this.#run;
    const startedAt = performance.now();
    this.#run = { ...IDLE, phase: "prefill", answerId, startedAt, contextBefore: stats?.contextUsed ?? contextBefore };
    this.#changed(true);
    // While the prompt is read, nothing arrives, yet time passes.
    clearInterval(this.#ticker);
    this.#ticker = setInterval(() => {
      this.#run = { ...this.#run };
      this.#changed();
    }, TICK_MILLISECONDS);
  }

  add(piece: Piece): void {
    clearInterval(this.#ticker);
    const now = performance.now();
    const { lastTokenAt, tokenMilliseconds, firstTokenAt = now } = this.#run;
    this.#run = {
      ...this.#run,
      phase: "decode",
      text: this.#run.text + piece.text,
      tokens: this.#run.tokens + 1,
      firstTokenAt,
      lastTokenAt: now,
      tokenMilliseconds:
        lastTokenAt === undefined ? [] : [...tokenMilliseconds.slice(1 - KEPT_TOKENS), now - lastTokenAt],
    };
    this.#changed();
  }

  /** The engine's counters, during a run or after it. */
  report(stats: RunStats): void {
    this.#run = { ...this.#run, stats };
    this.#changed();
  }

  end(): void {
    clearInterval(this.#ticker);
    this.#run = { ...this.#run, phase: "idle" };
    this.#changed(true);
  }

  reset(): void {
    clearInterval(this.#ticker);
    this.#run = IDLE;
    this.#changed(true);
  }

  /** `now`: a run has begun or ended, which everybody is told at once. */
  #changed(now = false): void {
    const feeds = this.liveCounters || this.#run.phase === "idle" ? [this.text, this.counters] : [this.text];
    for (const feed of feeds) now ? feed.tellNow() : feed.tell();
  }
}
