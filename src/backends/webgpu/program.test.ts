import { describe, expect, it } from "vitest";
import { tinyModel } from "../../../test/fixtures.ts";
import { bytesSource } from "../../../test/golden-run.ts";
import { openGguf } from "../../gguf/open.ts";
import { buildModel } from "../../models/registry.ts";
import { MATMUL_TUNING } from "./kernels/matmul.ts";
import { buildProgram } from "./program.ts";
import { Scratch } from "./scratch.ts";
import { gpuSteps } from "./steps.ts";
import { placeValues } from "./values.ts";
import { PART_ROWS, placeWeights } from "./weights.ts";

const allocate = (bytes: number, label: string) => ({ size: bytes, label }) as GPUBuffer;

async function programOf(architecture: "llama" | "qwen2" | "qwen3", bindingBytes = 2 ** 30) {
  const { metadata, tensors } = await openGguf([bytesSource("tiny", tinyModel({ architecture }))]);
  const { graph, hyperparameters } = buildModel(metadata, tensors);
  const steps = gpuSteps(graph);
  const options = { contextLength: 64, batchSize: 8, outputRows: 8, cacheType: "f16" } as const;
  const weights = placeWeights(graph, steps, bindingBytes, allocate);
  const parts = {
    graph,
    steps,
    options,
    variants: { subgroups: true, f16: true, packed: true },
    values: placeValues(graph, steps, { tokens: 8, outputs: 8 }, allocate),
    weights,
    caches: graph.cacheLayers.map((_, i) => ({ k: allocate(64, `k${i}`), v: allocate(64, `v${i}`) })),
    tokens: allocate(32, "tokens"),
    step: allocate(4096, "step"),
    rotations: new Map<string, number>(),
    scratch: new Scratch(allocate),
    matmulTuning: MATMUL_TUNING,
  };
  const layers = hyperparameters.layerCount;
  return { one: buildProgram(parts, "one"), batch: buildProgram(parts, "batch"), layers, weights };
}

describe.each(["llama", "qwen2", "qwen3"] as const)("%s", (architecture) => {
  it("takes seven dispatches a layer for one token", async () => {
    const { one, layers } = await programOf(architecture);
    expect(layers).toBeGreaterThan(1);
    // Beside the layers: the embedding and the output.
    expect(one.length).toBe(7 * layers + 2);
  });

  it("never reads and writes one buffer through two bindings", async () => {
    const { one, batch } = await programOf(architecture);
    for (const { dispatch } of [...one, ...batch]) {
      const writes = dispatch.buffers.at(-1);
      const twice = dispatch.buffers.filter((buffer) => buffer === writes).length > 1;
      expect(twice && dispatch.kernel.file === "ops/matvec.wgsl", dispatch.label).toBe(false);
    }
  });
});

it("splits matrices over the binding limit by rows, and goes on computing all of them", async () => {
  const whole = await programOf("llama");
  const split = await programOf("llama", 1 << 14);
  const parts = [...split.weights.places.values()].flatMap((place) => (place.kind === "matrix" ? [place.parts] : []));
  expect(Math.max(...parts.map((p) => p.length))).toBeGreaterThan(1);
  for (const part of parts.flat()) expect(part.matrix.buffer.size).toBeLessThanOrEqual(1 << 14);
  for (const part of parts.flatMap((p) => p.slice(1))) expect(part.firstRow % PART_ROWS).toBe(0);
  expect(split.one.length).toBeGreaterThan(whole.one.length);
});
