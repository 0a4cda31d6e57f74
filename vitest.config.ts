import { configDefaults, defineConfig } from "vitest/config";

/**
 * Node 20 has relaxed SIMD behind a flag, and its baseline compiler gets the dot products of it wrong; later versions have
 * it on and right.
 */
const RELAXED_SIMD = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15,
  253, 128, 2, 11,
]);

export default defineConfig({
  test: {
    include: [
      "src/**/*.test.ts",
      "src/**/*.test.tsx",
      "bench/**/*.test.ts",
      "wasm/**/*.test.ts",
      "scripts/**/*.test.ts",
    ],
    exclude: configDefaults.exclude,
    testTimeout: 60_000,
    maxWorkers: "100%",
    pool: "forks",
    execArgv: WebAssembly.validate(RELAXED_SIMD) ? [] : ["--experimental-wasm-relaxed-simd", "--no-liftoff"],
  },
});
