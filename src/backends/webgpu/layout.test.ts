import { afterAll, describe, expect, it } from "vitest";
import { contextOptions } from "../../engine/context.ts";
import { buildModel } from "../../models/registry.ts";
import { type Mix, mixChoice } from "../../synthetic/mixes.ts";
import { syntheticModel } from "../../synthetic/model.ts";
import { SHAPES, type ShapeName } from "../../synthetic/shapes.ts";
import { syntheticHeader } from "../../synthetic/tensors.ts";
import type { Variants } from "./kernel.ts";
import { layOut } from "./layout.ts";
import { BufferLedger } from "./ledger.ts";
import { defaultTuning } from "./tuning.ts";

const limits = { maxBufferSize: 2 ** 31, maxStorageBufferBindingSize: 2 ** 31 };
const device = {
  limits,
  createBuffer: ({ size }: GPUBufferDescriptor) => ({ size, destroy() {} }),
} as unknown as GPUDevice;

/** The bytes of a model as it is opened with no options, by kind; no GPU is asked. */
async function memoryOf(name: ShapeName, mix: Mix, variants: Variants) {
  const shape = SHAPES[name];
  const { metadata, tensors } = await syntheticHeader(syntheticModel(shape, { types: mixChoice(mix, shape) }));
  const { graph } = buildModel(metadata, tensors);
  const options = { ...contextOptions(4096, shape.vocabularySize), cacheType: "f16" } as const;
  const ledger = new BufferLedger(device);
  const trust = {
    choose: (make: Parameters<Parameters<typeof layOut>[2]["trust"]["choose"]>[0]) =>
      make(variants, defaultTuning(false)),
  };
  layOut(graph, options, { device, bindingBytes: 2 ** 31, trust }, ledger);
  return ledger.memory();
}

describe("memory beside weights and caches", () => {
  const table: string[] = [];
  afterAll(() => console.info(`MB of weights, K/V cache, everything else:\n${table.join("\n")}`));

  it.each(["qwen2.5-0.5b", "llama-3.2-1b", "llama-3.1-8b", "qwen2.5-coder-14b"] as const)(
    "is a tenth of them at most: %s",
    async (name) => {
      for (const packed of [true, false]) {
        const { weights, kv, scratch } = await memoryOf(name, "Q4_0", { subgroups: true, f16: true, packed });
        const megabytes = [weights, kv, scratch].map((bytes) => (bytes / 1e6).toFixed(1).padStart(8)).join("");
        table.push(`  ${name.padEnd(18)} ${packed ? "packed" : "halves"} ${megabytes}`);
        expect(weights).toBeGreaterThan(1e8);
        expect(scratch).toBeLessThan((weights + kv) / 10);
      }
    },
  );
});
