import type { DotForm, DotKinds } from "../../core/api.ts";
import type { KeyValueStore } from "../backend.ts";
import { type Build, instantiate, makeMemory } from "./module.ts";
import { newThread } from "./threads.ts";

type FullDot = DotKinds["full"];

/** In the order of `FULL_` in wasm/dot.h. */
const FULL_DOTS: readonly FullDot[] = ["none", "unsigned", "signed"];
/** A form that is so much faster is surely faster; below, it does not matter, and is measured again another time. */
const CLEAR = 1.03;
/** Pages of a probe's memory: the module's data and stack. */
const PAGES = 16;

/** The kinds, all of which give the same numbers, so that they may change between two runs, by their numbers in records.json's control. */
export const controlOf = ({ gemv, gemm, full }: DotKinds) => ({
  gemv_dot: Number(gemv === "narrow"),
  gemm_dot: Number(gemm === "narrow"),
  full_dot: FULL_DOTS.indexOf(full),
});

/** Asks the machine, which takes no time. */
export async function fullDotOf(build: Build): Promise<FullDot> {
  const { full_dot } = await instantiate(build, makeMemory(build, PAGES));
  return FULL_DOTS[full_dot()];
}

/** One machine's and build's choice, as it stands; it gets better beside other work. */
export class DotChoice {
  current: DotKinds;
  /** Resolves when it will not change any more; never rejects. */
  settled: Promise<void> = Promise.resolve();

  constructor(current: DotKinds) {
    this.current = current;
  }

  /**
   * The guess at once: where whole bytes can be multiplied there is an instruction for it, and wide is the form of it. Then what is
   * remembered under `key`, else what timing both says, by a thread of its own.
   */
  static async start(build: Build, key: string, store: KeyValueStore): Promise<DotChoice> {
    const full = await fullDotOf(build);
    const guess: DotForm = full === "none" ? "narrow" : "wide";
    const choice = new DotChoice({ gemv: guess, gemm: guess, full, source: "guess" });
    choice.settled = choice.#settle(build, `${key}, ${full}`, store).catch(() => {});
    return choice;
  }

  async #settle(build: Build, key: string, store: KeyValueStore): Promise<void> {
    const stored = await store.get(key).catch(() => undefined);
    if (isForms(stored)) {
      this.current = { ...this.current, ...stored, source: "remembered" };
      return;
    }
    const times = await timeForms(build);
    if (!times) return;
    const forms = { gemv: faster(times.gemv), gemm: faster(times.gemm) };
    const { gemv = this.current.gemv, gemm = this.current.gemm } = forms;
    this.current = { ...this.current, gemv, gemm, source: "measured" };
    if (forms.gemv && forms.gemm) await store.set(key, { gemv, gemm });
  }
}

interface Times {
  readonly narrow: number;
  readonly wide: number;
}

/** The form that is clearly faster, if one is. */
export function faster({ narrow, wide }: Times): DotForm | undefined {
  if (wide > CLEAR * narrow) return "narrow";
  return narrow > CLEAR * wide ? "wide" : undefined;
}

function isForms(stored: unknown): stored is { gemv: DotForm; gemm: DotForm } {
  const isForm = (form: unknown) => form === "narrow" || form === "wide";
  const { gemv, gemm } = (stored ?? {}) as { gemv?: unknown; gemm?: unknown };
  return isForm(gemv) && isForm(gemm);
}

/** Runs probe-thread.js; undefined where it came to nothing. Rejects where it cannot be started. */
async function timeForms({ module, shared }: Build): Promise<{ gemv: Times; gemm: Times } | undefined> {
  const { thread, message } = newThread(new URL("./probe-thread.js", import.meta.url), "webgguf-probe");
  try {
    thread.postMessage({ module, memory: { initial: PAGES, maximum: PAGES, shared } });
    return (await message) as { gemv: Times; gemm: Times } | undefined;
  } finally {
    thread.terminate();
  }
}
