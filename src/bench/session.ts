import type { BackendName, Model, ModelSource, Webgguf } from "../core/api.ts";
import { throwIfAborted } from "../core/errors.ts";
import { Schedule, type Unit } from "./schedule.ts";
import type { BenchPlan, BenchReport, BenchRun, BenchTest, Build, Machine } from "./types.ts";
import { type Probes, Watch } from "./watch.ts";

/** A model to be measured: one that can be opened again and again, or one that is open and stays so. */
export interface BenchSubject {
  readonly name: string;
  /** Its mix of types; by default what the file says. */
  readonly type?: string;
  readonly synthetic?: boolean;
  /** What to open, or an open model: it is then measured on its own device, and `opens` counts once. */
  readonly source: (() => ModelSource | Promise<ModelSource>) | Model;
}

export interface BenchDevice {
  readonly backend: "auto" | BackendName;
  readonly threads?: number;
}

export interface BenchTask {
  readonly name: string;
  readonly plan: BenchPlan;
  readonly build: Build;
  readonly machine: Machine;
  readonly subjects: readonly BenchSubject[];
  /** Each subject is measured on each; kernels too. */
  readonly devices: readonly BenchDevice[];
  /** Tokens of context of models that are opened; by default what the plan's longest test takes. */
  readonly contextLength?: number;
  readonly probes?: Probes;
  readonly signal?: AbortSignal;
}

export type BenchEvent =
  | {
      readonly type: "progress";
      /** For people: "Qwen2.5 0.5B Q4_0: tg32". */
      readonly label: string;
      readonly done: number;
      readonly total: number;
      /** Undefined until something is known. */
      readonly remainingMilliseconds: number | undefined;
      readonly warmup: boolean;
    }
  /** A sample has come: `run` and `test` are those of the report, and grow. */
  | { readonly type: "sample"; readonly run: BenchRun; readonly test: BenchTest; readonly value: number }
  | { readonly type: "run"; readonly run: BenchRun }
  | { readonly type: "report"; readonly report: BenchReport };

/** What the measuring of one subject shares with the others. */
export class Session {
  readonly webgguf: Webgguf;
  readonly task: BenchTask;
  readonly watch: Watch;
  readonly schedule: Schedule;

  constructor(webgguf: Webgguf, task: BenchTask, units: readonly Unit[]) {
    this.webgguf = webgguf;
    this.task = task;
    this.watch = new Watch(task.probes ?? {}, task.machine);
    this.schedule = new Schedule(units);
  }

  get signal(): AbortSignal | undefined {
    return this.task.signal;
  }

  /** Tells what comes next, then does it. */
  async *step<T>(
    { key, label, warmup = false }: { key: string; label: string; warmup?: boolean },
    work: () => Promise<T>,
  ): AsyncGenerator<BenchEvent, T> {
    throwIfAborted(this.signal);
    const { done, total, remainingMilliseconds } = this.schedule;
    yield { type: "progress", label, done, total, remainingMilliseconds, warmup };
    const start = performance.now();
    const result = await work();
    this.schedule.finish(key, performance.now() - start);
    this.watch.afterSample();
    return result;
  }

  /** Enters samples into the run's test of this id, which is made if it is not there. */
  *add(run: BenchRun, test: Omit<BenchTest, "samples">, values: readonly number[]): Generator<BenchEvent> {
    let entry = run.tests.find(({ id }) => id === test.id);
    if (!entry) {
      entry = { ...test, samples: [] };
      run.tests.push(entry);
    }
    for (const value of values) {
      entry.samples.push(value);
      yield { type: "sample", run, test: entry, value };
    }
  }
}
