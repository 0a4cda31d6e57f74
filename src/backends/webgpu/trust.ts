import { WebggufError } from "../../core/errors.ts";
import { type Dispatch, type Kernel, kernelKind, type Variants } from "./kernel.ts";
import { type AdapterMemory, hashOf } from "./memory.ts";
import type { Tuning } from "./tuning.ts";

/** Makes the dispatches of one call in a variant. */
export type Make = (variants: Variants, tuning: Tuning) => readonly Dispatch[];

/** What is checked, and how. */
export interface Checked {
  /** What the device can do. */
  readonly variants: Variants;
  /** The text of a kernel's shader. */
  code(kernel: Kernel): string;
  /** Runs the kernel on a small case; resolves to what is wrong, or undefined. */
  faultOf(kernel: Kernel): Promise<string | undefined>;
}

/** Variants to try, one after the other: what each does without, or does otherwise. */
const FALLBACKS: readonly Partial<Variants>[] = [
  {},
  { packed: false },
  { packed: false, f16: false },
  { subgroups: false },
  { subgroups: false, packed: false, f16: false },
].flatMap((without) => [without, { ...without, ownHalves: true }]);

/**
 * Which kernels of a device may be used. Each kind is checked on a small case when it is first met (see checks/); a call gets
 * the first of its variants that has no kernel with a fault. Verdicts are remembered.
 */
export class Trust {
  readonly #device: Checked;
  readonly #memory: AdapterMemory;
  readonly #isChecking: boolean;
  readonly #tunings: readonly Tuning[];
  /** What is wrong with a kind of kernel, or that nothing is. */
  readonly #verdicts = new Map<string, string | undefined>();
  /** Faults that made a call take another variant. */
  readonly #passedOver = new Set<string>();
  /** Kinds that were asked for last and are right. */
  readonly #inUse = new Set<string>();

  /** `tunings`: the one to use, then others, should its kernels be wrong. With `isChecking` off all is taken as right. */
  constructor(device: Checked, memory: AdapterMemory, tunings: readonly Tuning[], isChecking = true) {
    this.#device = device;
    this.#memory = memory;
    this.#tunings = tunings;
    this.#isChecking = isChecking;
  }

  /** The call's dispatches in the first variant that has no known fault; in the last one if all have. */
  choose(make: Make): readonly Dispatch[] {
    const passedOver: string[] = [];
    let dispatches: readonly Dispatch[] = [];
    for (const tuning of this.#tunings) {
      for (const fallback of FALLBACKS) {
        dispatches = make({ ...this.#device.variants, ...fallback }, tuning);
        const wrong = dispatches.map(({ kernel }) => kernelKind(kernel)).find((kind) => this.#verdicts.get(kind));
        if (wrong === undefined) {
          for (const kind of passedOver) this.#passedOver.add(kind);
          return dispatches;
        }
        passedOver.push(wrong);
      }
    }
    return dispatches;
  }

  /**
   * Checks what `build` makes by way of `choose`, and builds again, until nothing in it is unchecked.
   * Throws `device-unavailable` when what it makes cannot do without a kernel that is wrong.
   */
  async settle(build: () => readonly Dispatch[]): Promise<void> {
    if (!this.#isChecking) {
      build();
      return;
    }
    for (;;) {
      const kernels = build().map(({ kernel }) => kernel);
      const wrong = kernels.find((kernel) => this.#verdicts.get(kernelKind(kernel)));
      if (wrong) throw this.#untrusted(wrong);
      const unknown = kernels.filter((kernel) => !this.#verdicts.has(kernelKind(kernel)));
      if (!unknown.length) {
        this.#inUse.clear();
        for (const kernel of kernels) this.#inUse.add(kernelKind(kernel));
        return;
      }
      await this.check(unknown);
    }
  }

  /** Finds out about kernels, from memory or by running their cases; whether all are right. */
  async check(kernels: readonly Kernel[]): Promise<boolean> {
    const kinds = new Map(kernels.map((kernel) => [kernelKind(kernel), kernel]));
    let isNews = false;
    await Promise.all(
      Array.from(kinds, async ([kind, kernel]) => {
        if (this.#verdicts.has(kind)) return;
        const code = await hashOf(this.#device.code(kernel));
        const known = this.#memory.verdict(kind, code);
        const fault = known ? known.fault : await this.#device.faultOf(kernel);
        this.#verdicts.set(kind, fault);
        if (known) return;
        this.#memory.setVerdict(kind, code, fault);
        isNews = true;
      }),
    );
    if (isNews) await this.#memory.save();
    return Array.from(kinds.keys()).every((kind) => this.#verdicts.get(kind) === undefined);
  }

  /** Whether kernels without variants may be used. */
  async allows(kernels: readonly Kernel[]): Promise<boolean> {
    if (!this.#isChecking) return true;
    const allRight = await this.check(kernels);
    if (allRight) for (const kernel of kernels) this.#inUse.add(kernelKind(kernel));
    return allRight;
  }

  /** What a person should know about it. */
  notes(isTuned = false): string[] {
    const good = this.#inUse.size;
    const checked = good ? [`${countOf(good)} checked`] : [];
    const done = [...checked, ...(isTuned ? ["tile sizes tuned"] : [])].join(", ");
    const wrong = Array.from(this.#passedOver, (kind) => `${kind}: ${this.#verdicts.get(kind)}`);
    const told = wrong.slice(0, FAULTS_TOLD).join("; ") + (wrong.length > FAULTS_TOLD ? "; …" : "");
    return [
      ...(done ? [`For this adapter: ${done}.`] : []),
      ...(wrong.length
        ? [`The graphics driver gets ${countOf(wrong.length)} wrong; others are used instead. ${told}`]
        : []),
    ];
  }

  #untrusted(kernel: Kernel): WebggufError {
    const kind = kernelKind(kernel);
    return new WebggufError(
      "device-unavailable",
      `The GPU computes wrongly: kernel ${kind}: ${this.#verdicts.get(kind)}. No other variant of it is right. The CPU path works without it; a newer graphics driver or browser may help.`,
    );
  }
}

const FAULTS_TOLD = 3;
const countOf = (kernels: number) => `${kernels} GPU kernel${kernels === 1 ? "" : "s"}`;
