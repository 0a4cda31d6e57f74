import { WebggufError } from "../../core/errors.ts";
import { detectFeatures } from "../../core/wasm-features.ts";
import type { Backend, BackendOptions } from "../backend.ts";
import { measureCeilings } from "./ceilings.ts";
import { defaultThreads } from "./features.ts";
import { type Build, type BuildName, type BuildNames, chooseBuilds, loadBuild } from "./module.ts";
import { type PlanSetup, WasmPlan } from "./plan.ts";
import { narrowDotIsFaster } from "./probe.ts";

export interface WasmOptions extends BackendOptions {
  /** A build to use instead of the best one for this machine, and a way of multiplying; for tests. */
  readonly build?: BuildName;
  readonly narrowDot?: boolean;
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
  const narrowDot = relaxed && (options.narrowDot ?? (await narrowDotIsFaster(usual)));
  let wide: Promise<Build> | undefined;
  const setup: PlanSetup = {
    usual,
    wide: names.wide && (() => (wide ??= loadBuild(names.wide!))),
    threads,
    narrowDot,
  };
  return {
    info: {
      name: "wasm",
      device: `CPU, ${relaxed ? "relaxed SIMD" : "SIMD"}, ${threads} thread${threads === 1 ? "" : "s"}`,
      simd: relaxed ? "relaxed" : "simd128",
      threads,
    },
    ceilings: (repetitions, signal) => measureCeilings(setup, repetitions, signal),
    compile: (graph, compileOptions) => WasmPlan.create(graph, compileOptions, setup),
    async close() {},
  };
}

function checkedThreads(threads: number): number {
  if (Number.isInteger(threads) && threads >= 1 && threads <= 64) return threads;
  throw new WebggufError("invalid-argument", `\`threads\` is a whole number from 1 to 64, not ${threads}.`);
}
