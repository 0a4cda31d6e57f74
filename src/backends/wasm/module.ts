import { WebggufError } from "../../core/errors.ts";
import { nodeModule, type WasmFeatures } from "./features.ts";

/** The builds of wasm/build.mjs. */
export type BuildName = "relaxed-threads" | "relaxed" | "simd128-threads" | "simd128";

export function chooseBuild({ relaxedSimd, threads }: WasmFeatures): BuildName {
  return `${relaxedSimd ? "relaxed" : "simd128"}${threads ? "-threads" : ""}`;
}

const URLS: Record<BuildName, () => URL> = {
  "relaxed-threads": () => new URL("../../../wasm/dist/relaxed-threads.wasm", import.meta.url),
  relaxed: () => new URL("../../../wasm/dist/relaxed.wasm", import.meta.url),
  "simd128-threads": () => new URL("../../../wasm/dist/simd128-threads.wasm", import.meta.url),
  simd128: () => new URL("../../../wasm/dist/simd128.wasm", import.meta.url),
};

/** Fetches (in Node: reads) and compiles a build. */
export async function loadModule(name: BuildName): Promise<WebAssembly.Module> {
  const url = URLS[name]();
  try {
    if (url.protocol === "file:") {
      const fs = nodeModule<{ readFileSync(url: URL): Uint8Array<ArrayBuffer> }>("node:fs");
      if (fs) return await WebAssembly.compile(fs.readFileSync(url));
    }
    return await WebAssembly.compileStreaming(fetch(url));
  } catch (cause) {
    throw new WebggufError(
      "device-unavailable",
      `The CPU kernels (${name}.wasm) could not be loaded: ${cause instanceof Error ? cause.message : cause}. Reload the page; if that does not help, the site is incomplete.`,
      { cause },
    );
  }
}

/** What a build exports; addresses are bytes into its memory. */
export interface WasmExports {
  readonly __stack_pointer: WebAssembly.Global;
  readonly __heap_base: WebAssembly.Global;
  control_address(): number;
  set_codebook(which: number, address: number): void;
  pack(type: number, from: number, to: number, width: number, rows: number): void;
  begin(): void;
  run(deadline: number): number;
  cancel(): void;
  probe(narrow: number, rounds: number): number;
  serve(index: number): void;
  /** Ends `serve` on every thread, between runs; absent where there are no threads. */
  dismiss?(): void;
}

export async function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): Promise<WasmExports> {
  const instance = await WebAssembly.instantiate(module, { env: { memory, now: () => performance.now() } });
  return instance.exports as unknown as WasmExports;
}
