import { WebggufError } from "../../core/errors.ts";
import { reachesBeyond4GiB, type WasmFeatures } from "../../core/wasm-features.ts";
import { nodeModule } from "./features.ts";

/** The builds of wasm/build.mjs. */
export type BuildName = `${"relaxed" | "simd128" | "relaxed64"}${"" | "-threads"}`;

export interface BuildNames {
  readonly usual: BuildName;
  /** For memories of more than 4 GiB, where there are any. */
  readonly wide?: BuildName;
}

export function chooseBuilds(features: WasmFeatures): BuildNames {
  const { relaxedSimd, threads } = features;
  const suffix = threads ? "-threads" : "";
  return {
    usual: `${relaxedSimd ? "relaxed" : "simd128"}${suffix}`,
    wide: reachesBeyond4GiB(features) ? `relaxed64${suffix}` : undefined,
  };
}

const URLS: Record<BuildName, () => URL> = {
  "relaxed-threads": () => new URL("../../../wasm/dist/relaxed-threads.wasm", import.meta.url),
  relaxed: () => new URL("../../../wasm/dist/relaxed.wasm", import.meta.url),
  "relaxed64-threads": () => new URL("../../../wasm/dist/relaxed64-threads.wasm", import.meta.url),
  relaxed64: () => new URL("../../../wasm/dist/relaxed64.wasm", import.meta.url),
  "simd128-threads": () => new URL("../../../wasm/dist/simd128-threads.wasm", import.meta.url),
  simd128: () => new URL("../../../wasm/dist/simd128.wasm", import.meta.url),
};

/** Where a build lies; a built page names it by its content. */
export const buildAddress = (name: BuildName): URL => URLS[name]();

/** A compiled module and the memory it wants: shared between threads or not, with addresses of 64 bits (wide) or 32. */
export interface Build {
  readonly module: WebAssembly.Module;
  readonly shared: boolean;
  readonly wide: boolean;
}

/** Fetches (in Node: reads) and compiles a build. */
export async function loadBuild(name: BuildName): Promise<Build> {
  return { module: await loadModule(name), shared: name.endsWith("-threads"), wide: name.startsWith("relaxed64") };
}

async function loadModule(name: BuildName): Promise<WebAssembly.Module> {
  const url = buildAddress(name);
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

/** A memory of `pages` times 64 KiB; throws a RangeError where it cannot be had. */
export function makeMemory({ shared, wide }: Build, pages: number): WebAssembly.Memory {
  if (!wide) return new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
  // TypeScript's own types do not know 64-bit memories yet.
  const size = BigInt(pages);
  const descriptor = { initial: size, maximum: size, shared, address: "i64" };
  return new WebAssembly.Memory(descriptor as unknown as WebAssembly.MemoryDescriptor);
}

/** What a build exports; addresses are bytes into its memory. */
export interface WasmExports {
  readonly __heap_base: WebAssembly.Global;
  control_address(): number;
  set_codebook(which: number, address: number): void;
  begin(): void;
  run(deadline: number): number;
  cancel(): void;
  /** A number of `FULL_` in wasm/dot.h. */
  full_dot(): number;
  /** Ends the helper threads, between runs; absent where there are none. */
  dismiss?(): void;
}

export async function instantiate({ module, wide }: Build, memory: WebAssembly.Memory): Promise<WasmExports> {
  const instance = await WebAssembly.instantiate(module, { env: { memory, now: () => performance.now() } });
  const exports = instance.exports as unknown as WasmExports;
  return wide ? withNumbers(instance.exports as unknown as WideExports) : exports;
}

/** Wide builds take and give addresses as BigInts. */
type WideExports = Omit<WasmExports, "control_address" | "set_codebook"> & {
  control_address(): bigint;
  set_codebook(which: number, address: bigint): void;
};

const withNumbers = (wide: WideExports): WasmExports => ({
  ...wide,
  control_address: () => Number(wide.control_address()),
  set_codebook: (which, address) => wide.set_codebook(which, BigInt(address)),
});
