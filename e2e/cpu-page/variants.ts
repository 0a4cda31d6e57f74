import type { WasmOptions } from "../../src/backends/wasm/index.ts";
import type { BuildName } from "../../src/backends/wasm/module.ts";
import type { WasmFeatures } from "../../src/core/wasm-features.ts";

/** The ways of multiplying 8-bit numbers that a build has; "full" is wide where the machine takes no whole bytes. */
const DOTS: Record<"relaxed" | "simd128", Record<string, WasmOptions>> = {
  relaxed: { narrow: { dot: "narrow" }, wide: { dot: "wide" }, full: { dot: "full" } },
  simd128: { "": {} },
};

const BUILDS: readonly BuildName[] = [
  "relaxed-threads",
  "relaxed",
  "relaxed64",
  "relaxed64-threads",
  "simd128-threads",
  "simd128",
];

/** Every build with every way of multiplying, by name; those with threads take two. */
export const VARIANTS: ReadonlyMap<string, WasmOptions & { build: BuildName }> = new Map(
  BUILDS.flatMap((build) =>
    Object.entries(DOTS[build.startsWith("relaxed") ? "relaxed" : "simd128"]).map(([dot, options]) => [
      [build, dot].filter(Boolean).join(", "),
      { ...options, build, threads: build.endsWith("-threads") ? 2 : 1 },
    ]),
  ),
);

/** Each build once; its ways of multiplying take turns from build to build. */
export const TYPICAL: readonly string[] = BUILDS.map((build, index) => {
  const names = [...VARIANTS].filter(([, variant]) => variant.build === build).map(([name]) => name);
  return names[index % names.length];
});

/** Whether a browser with these features can run a build. */
export function canRun(build: BuildName, { simd, relaxedSimd, threads, memory64 }: WasmFeatures): boolean {
  return (
    simd &&
    (relaxedSimd || !build.startsWith("relaxed")) &&
    (threads || !build.endsWith("-threads")) &&
    (memory64 || !build.startsWith("relaxed64"))
  );
}
