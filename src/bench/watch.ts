import { median, quartiles } from "./statistics.ts";
import { type BenchRun, type BenchWarning, higherIsBetter, type Machine, type WarningCode } from "./types.ts";

/** Bytes that JavaScript has allocated, in the model's thread and in the page's. */
export interface Allocated {
  readonly model: number;
  readonly page: number;
}

/** What spoils a measurement, as far as the surroundings can tell. */
export interface Probes {
  /** Whether the page cannot be seen, so that the browser slows it down. */
  hidden?(): boolean;
  /** Processors that others keep busy; asked while nothing is measured. */
  load?(): number | Promise<number>;
  /** Bytes of the JavaScript heap. */
  heap?(): number | undefined;
  /** Called before a model is opened, and when it is: most bytes that the browser's processes held between the two. */
  peak?(): number | undefined | Promise<number | undefined>;
  /** Called before a piece of work and after it: what was allocated between the two. */
  allocated?(): Promise<Allocated | undefined>;
}

/** A machine is busy when others take this much of a processor. */
const MOST_LOAD = 0.3;
/** Change from the first third of the samples to the last that is called drift. */
const MOST_DRIFT = 0.1;
/** Distance between the quartiles, relative to the median, that is called spread. */
const MOST_SPREAD = 0.2;
/** Samples from which on drift can be told from spread, and spread from chance. */
const LEAST_SAMPLES = 6;

/** Collects warnings, each kind once for each subject. */
export class Watch {
  readonly warnings: BenchWarning[] = [];
  readonly #probes: Probes;

  constructor(probes: Probes, { isolated, power }: Machine) {
    this.#probes = probes;
    if (!isolated) {
      this.warn(
        "not-isolated",
        "The page is not cross-origin isolated: the CPU path has one thread and a coarse clock.",
      );
    }
    if (power && !power.charging) {
      this.warn("power", `The machine runs on its battery (${Math.round(100 * power.level)} %) and may save power.`);
    }
  }

  warn(code: WarningCode, message: string): void {
    if (!this.warnings.some((warning) => warning.code === code && warning.message === message)) {
      this.warnings.push({ code, message });
    }
  }

  /** While nothing is measured. */
  async beforeOpening(): Promise<void> {
    const load = await this.#probes.load?.();
    if (load !== undefined && load > MOST_LOAD) {
      this.warn("busy", "Other programs were using the processor while nothing was measured.");
    }
  }

  /** After each sample. */
  afterSample(): void {
    if (this.#probes.hidden?.()) {
      this.warn("hidden", "The page was hidden for a while; browsers slow hidden pages down.");
    }
  }

  /** What the samples themselves say. */
  afterRun(run: BenchRun): void {
    const drifted: Finding[] = [];
    const spread: Finding[] = [];
    for (const { id, unit, samples } of run.tests) {
      if (samples.length < LEAST_SAMPLES) continue;
      const change = drift(samples);
      const slower = higherIsBetter(unit) ? change < 0 : change > 0;
      if (Math.abs(change) > MOST_DRIFT) {
        drifted.push({ share: Math.abs(change), text: `${id} (${percent(change)} ${slower ? "slower" : "faster"})` });
      }
      const { lower, median: middle, upper } = quartiles(samples);
      const share = (upper - lower) / middle;
      if (share > MOST_SPREAD) spread.push({ share, text: `${id} (${percent(share)})` });
    }
    const name = [run.subject, run.type].filter(Boolean).join(" ");
    if (drifted.length > 0) {
      this.warn("drift", `${name}: the last repetitions differ from the first in ${listed(drifted, run)}.`);
    }
    if (spread.length > 0) this.warn("spread", `${name}: the quartiles lie far apart in ${listed(spread, run)}.`);
  }
}

interface Finding {
  readonly share: number;
  readonly text: string;
}

/** How many findings a warning names. */
const NAMED = 3;

function listed(findings: readonly Finding[], { tests }: BenchRun): string {
  const worst = [...findings].sort((a, b) => b.share - a.share).slice(0, NAMED);
  return `${findings.length} of ${tests.length} tests, most in ${worst.map(({ text }) => text).join(", ")}`;
}

/** Change of the median from the first third of the samples to the last, relative to the first; 0 of too few. */
export function drift(samples: readonly number[]): number {
  if (samples.length < LEAST_SAMPLES) return 0;
  const third = Math.floor(samples.length / 3);
  return median(samples.slice(-third)) / median(samples.slice(0, third)) - 1;
}

const percent = (share: number) => `${Math.round(100 * Math.abs(share))} %`;
