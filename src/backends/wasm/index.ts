import { WebggufError } from "../../core/errors.ts";
import type { Backend, BackendOptions } from "../backend.ts";
import { defaultThreads, detectFeatures } from "./features.ts";
import { type BuildName, chooseBuild, loadModule } from "./module.ts";
import { WasmPlan } from "./plan.ts";
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
  const build = options.build ?? chooseBuild(features);
  const shared = build.endsWith("-threads");
  const threads = shared ? checkedThreads(options.threads ?? defaultThreads()) : 1;
  const module = await loadModule(build);
  const relaxed = build.startsWith("relaxed");
  const narrowDot = relaxed && (options.narrowDot ?? (await narrowDotIsFaster(module, shared)));
  const simd = relaxed ? "relaxed" : "simd128";
  return {
    info: {
      name: "wasm",
      device: `CPU, ${relaxed ? "relaxed SIMD" : "SIMD"}, ${threads} thread${threads === 1 ? "" : "s"}`,
      simd,
      threads,
    },
    compile: (graph, compileOptions) => WasmPlan.create(graph, compileOptions, { module, shared, threads, narrowDot }),
    async close() {},
  };
}

function checkedThreads(threads: number): number {
  if (Number.isInteger(threads) && threads >= 1 && threads <= 64) return threads;
  throw new WebggufError("invalid-argument", `\`threads\` is a whole number from 1 to 64, not ${threads}.`);
}
