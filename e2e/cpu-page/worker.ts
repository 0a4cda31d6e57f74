import * as Comlink from "comlink";
import type { Backend, CacheType } from "../../src/backends/backend.ts";
import { checkCase, OP_CASES } from "../../src/backends/cases/index.ts";
import { createReferenceBackend } from "../../src/backends/reference/index.ts";
import { createWasmBackend } from "../../src/backends/wasm/index.ts";
import { detectFeatures } from "../../src/core/wasm-features.ts";
import { f16CacheLimit, type Golden, roundedActivationsLimit, runGoldenModel } from "../../test/golden-run.ts";
import { PageWorker } from "./page-workers.ts";
import { canRun, VARIANTS } from "./variants.ts";

/** The op cases and the golden models on the builds of the CPU path that this browser can run. */
const cpuTests = {
  variants(): string[] {
    const features = detectFeatures();
    return [...VARIANTS].filter(([, { build }]) => canRun(build, features)).map(([name]) => name);
  },

  /** Runs the cases with these numbers. */
  async run(variant: string, numbers: readonly number[]) {
    const backend = await backendOf(variant);
    const results: { name: string; deviation: number; tolerance: number }[] = [];
    for (const opCase of numbers.map((n) => OP_CASES[n])) {
      const { deviations, tolerance } = await checkCase(reference, backend, opCase, "int8");
      results.push({ name: opCase.name, deviation: Math.max(...deviations), tolerance });
    }
    return results;
  },

  /** Runs a golden model whose files lie at `address`, without the suffix. */
  async golden(variant: string, address: string, run: { batchSize: number; cacheType: CacheType }) {
    const [golden, bytes] = await Promise.all([
      fetch(`${address}.json`).then((response) => response.json() as Promise<Golden>),
      fetch(`${address}.gguf`).then((response) => response.arrayBuffer()),
    ]);
    const limit = (g: Golden) => Math.max(roundedActivationsLimit(g), run.cacheType === "f16" ? f16CacheLimit(g) : 0);
    return runGoldenModel(await backendOf(variant), { golden, bytes: new Uint8Array(bytes) }, { ...run, limit });
  },
};

const reference = createReferenceBackend();
const backends = new Map<string, Promise<Backend>>();

function backendOf(variant: string): Promise<Backend> {
  const backend = backends.get(variant) ?? createWasmBackend(VARIANTS.get(variant));
  backends.set(variant, backend);
  return backend;
}

if (navigator.userAgent.includes("Firefox")) Object.assign(globalThis, { Worker: PageWorker });

export type CpuTests = typeof cpuTests;
Comlink.expose(cpuTests);
