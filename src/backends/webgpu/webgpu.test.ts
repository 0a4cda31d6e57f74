import { afterAll, describe, expect, it } from "vitest";
import type { Backend } from "../backend.ts";
import { checkCase, OP_CASES } from "../cases/index.ts";
import { createReferenceBackend } from "../reference/index.ts";
import { createWebgpuBackend } from "./index.ts";
import type { Variants } from "./kernel.ts";
import { roundingOf, testDevice, testGpu } from "./testing.ts";

const gpu = await testGpu();
const device = await testDevice();

/** With everything the adapter has, and with each thing off. What is off decides to what activations are rounded. */
const VARIANTS: Record<string, Partial<Variants>> = {
  "as the adapter is": {},
  "no subgroups": { subgroups: false },
  "no packed dot products": { packed: false },
  "plain WGSL": { subgroups: false, packed: false, f16: false },
};

/** Node has no WebGPU of its own: see testing.ts for how to run this there. e2e/gpu.spec.ts runs the same in Chromium. */
describe.skipIf(!gpu).each(Object.entries(VARIANTS))("%s", (_, variants) => {
  let backend: Backend | undefined;
  const reference = createReferenceBackend();
  const worst = new Map<string, number>();
  afterAll(() => {
    const rows = [...worst].map(([op, deviation]) => `  ${op.padEnd(24)} ${deviation.toExponential(1)}`);
    console.info(`Largest deviation from the reference, relative to the expected rows' RMS:\n${rows.join("\n")}`);
  });

  it.each(OP_CASES.map((c) => [c.name, c] as const))("%s", async (_, opCase) => {
    backend ??= await createWebgpuBackend({ gpu, variants });
    const rounding = roundingOf(opCase, { ...device!.variants, ...variants });
    const { deviations, tolerance } = await checkCase(reference, backend, opCase, rounding);
    const key = `${opCase.op} ${opCase.dtype ?? ""}`.trim();
    worst.set(key, Math.max(worst.get(key) ?? 0, ...deviations));
    expect(Math.max(...deviations)).toBeLessThanOrEqual(tolerance);
  });
});
