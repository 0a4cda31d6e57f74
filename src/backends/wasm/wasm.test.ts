import { afterAll, describe, expect, it } from "vitest";
import { detectFeatures } from "../../core/wasm-features.ts";
import type { Backend } from "../backend.ts";
import { checkCase, OP_CASES } from "../cases/index.ts";
import { createReferenceBackend } from "../reference/index.ts";
import { createWasmBackend, type WasmOptions } from "./index.ts";

/** Every build, all ways of multiplying, one thread and several. Where the machine's dot does not take whole bytes, full is wide. */
const VARIANTS: Record<string, WasmOptions> = {
  "relaxed-threads, narrow, 2 threads": { build: "relaxed-threads", dot: "narrow", threads: 2 },
  "relaxed-threads, wide, 3 threads": { build: "relaxed-threads", dot: "wide", threads: 3 },
  "relaxed-threads, full, 2 threads": { build: "relaxed-threads", dot: "full", threads: 2 },
  "relaxed, narrow": { build: "relaxed", dot: "narrow" },
  "simd128-threads, 2 threads": { build: "simd128-threads", threads: 2 },
  simd128: { build: "simd128" },
};

it("runs where relaxed SIMD and threads can be tested", () => {
  expect(detectFeatures()).toMatchObject({ simd: true, relaxedSimd: true, threads: true });
});

const reference = createReferenceBackend();

describe.each(Object.entries(VARIANTS))("%s", (_, options) => {
  let backend: Backend | undefined;
  const worst = new Map<string, number>();
  afterAll(() => {
    const rows = [...worst].map(([op, deviation]) => `  ${op.padEnd(24)} ${deviation.toExponential(1)}`);
    console.info(`Largest deviation from the reference, relative to the expected rows' RMS:\n${rows.join("\n")}`);
  });

  it.each(OP_CASES.map((c) => [c.name, c] as const))("%s", async (_, opCase) => {
    backend ??= await createWasmBackend(options);
    const { deviations, tolerance } = await checkCase(reference, backend, opCase, "int8");
    const key = `${opCase.op} ${opCase.dtype ?? ""}`.trim();
    worst.set(key, Math.max(worst.get(key) ?? 0, ...deviations));
    expect(Math.max(...deviations)).toBeLessThanOrEqual(tolerance);
  });
});
