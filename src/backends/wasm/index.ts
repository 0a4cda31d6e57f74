import type { DotForm, DotKinds } from "../../core/api.ts";
import { WebggufError } from "../../core/errors.ts";
import { detectFeatures } from "../../core/wasm-features.ts";
import type { Backend, BackendOptions, KeyValueStore } from "../backend.ts";
import { measureCeilings } from "./ceilings.ts";
import { defaultThreads } from "./features.ts";
import { type Build, type BuildName, type BuildNames, buildAddress, chooseBuilds, loadBuild } from "./module.ts";
import { type PlanSetup, WasmPlan } from "./plan.ts";
import { DotChoice, fullDotOf } from "./probe.ts";

export interface WasmOptions extends BackendOptions {
  /** A build to use instead of the best one for this machine, and kernels; for tests. */
  readonly build?: BuildName;
  /** "full" is wide, and whole bytes where the machine's dot takes them. */
  readonly dot?: "narrow" | "wide" | "full";
}

/**
 * The CPU path: C compiled to WebAssembly SIMD, on as many threads as asked for.
 * Throws `device-unavailable` where WebAssembly SIMD is missing.
 */
export async function createWasmBackend(options: WasmOptions = {}): Promise<Backend> {
  const features = detectFeatures();
  if (!features.simd) {
    throw new WebggufError(
      "device-unavailable",
      "This browser's WebAssembly has no SIMD, which the CPU path needs. Update the browser.",
    );
  }
  const names: BuildNames = options.build ? { usual: options.build } : chooseBuilds(features);
  const usual = await loadBuild(names.usual);
  const threads = usual.shared ? checkedThreads(options.threads ?? defaultThreads()) : 1;
  const relaxed = names.usual.startsWith("relaxed");
  const dots = await dotsOf(usual, names.usual, options);
  let wide: Promise<Build> | undefined;
  const setup: PlanSetup = {
    usual,
    wide: names.wide && (() => (wide ??= loadBuild(names.wide!))),
    threads,
    dots,
  };
  return {
    info: {
      name: "wasm",
      device: `CPU, ${relaxed ? "relaxed SIMD" : "SIMD"}, ${threads} thread${threads === 1 ? "" : "s"}`,
      simd: relaxed ? "relaxed" : "simd128",
      threads,
      get dots() {
        return dots.current;
      },
    },
    ceilings: (repetitions, signal) => measureCeilings(setup, repetitions, signal),
    compile: (graph, compileOptions) => WasmPlan.create(graph, compileOptions, setup),
    async close() {},
  };
}

/** Choices by build: a machine is asked once. */
const choices = new Map<BuildName, Promise<DotChoice>>();
/** Where nothing is remembered, which is so for tests and in Node. */
const NO_STORE: KeyValueStore = { get: async () => undefined, set: async () => {} };

async function dotsOf(build: Build, name: BuildName, { dot, store = NO_STORE }: WasmOptions): Promise<DotChoice> {
  // Plain SIMD has the narrow form only.
  if (!name.startsWith("relaxed")) return new DotChoice(only("narrow", "none"));
  if (dot)
    return new DotChoice(only(dot === "narrow" ? "narrow" : "wide", dot === "full" ? await fullDotOf(build) : "none"));
  const key = `cpu kernels, ${buildAddress(name).pathname}, ${globalThis.navigator?.userAgent}`;
  const choice = choices.get(name) ?? DotChoice.start(build, key, store);
  choices.set(name, choice);
  // A machine that could not be asked once, for want of memory, may be asked again.
  choice.catch(() => choices.delete(name));
  return choice;
}

const only = (form: DotForm, full: DotKinds["full"]): DotKinds => ({ gemv: form, gemm: form, full, source: "only" });

function checkedThreads(threads: number): number {
  if (Number.isInteger(threads) && threads >= 1 && threads <= 64) return threads;
  throw new WebggufError("invalid-argument", `\`threads\` is a whole number from 1 to 64, not ${threads}.`);
}
