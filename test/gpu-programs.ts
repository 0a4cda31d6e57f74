import type { CompileOptions } from "../src/backends/backend.ts";
import type { Variants } from "../src/backends/webgpu/kernel.ts";
import { buildProgram, type ProgramParts } from "../src/backends/webgpu/program.ts";
import { Scratch } from "../src/backends/webgpu/scratch.ts";
import { gpuSteps } from "../src/backends/webgpu/steps.ts";
import { defaultTuning } from "../src/backends/webgpu/tuning.ts";
import { placeValues } from "../src/backends/webgpu/values.ts";
import { placeWeights } from "../src/backends/webgpu/weights.ts";
import type { Graph } from "../src/core/graph.ts";
import { openGguf } from "../src/gguf/open.ts";
import { buildModel } from "../src/models/registry.ts";
import { bytesSource } from "./golden-run.ts";

const allocate = (bytes: number, label: string) => ({ size: bytes, label }) as GPUBuffer;

/** The dispatches over a graph, without a GPU: buffers are names and sizes. */
export function programsOf(graph: Graph, options: CompileOptions, variants: Variants, bindingBytes = 2 ** 30) {
  const steps = gpuSteps(graph);
  const weights = placeWeights(graph, steps, bindingBytes, allocate);
  const parts: ProgramParts = {
    graph,
    steps,
    options,
    choose: (make) => make(variants, defaultTuning(false)),
    values: placeValues(graph, steps, { tokens: options.batchSize, outputs: options.outputRows }, allocate),
    weights,
    caches: graph.cacheLayers.map((_, i) => ({ k: allocate(64, `k${i}`), v: allocate(64, `v${i}`) })),
    tokens: allocate(32, "tokens"),
    step: allocate(4096, "step"),
    rotations: new Map<string, number>(),
    scratch: new Scratch(allocate),
  };
  return { one: buildProgram(parts, "one"), batch: buildProgram(parts, "batch"), weights };
}

export const ALL_VARIANTS: Variants = { subgroups: true, f16: true, packed: true };

/** Of the model in a file. */
export async function modelPrograms(file: Uint8Array<ArrayBuffer>, variants = ALL_VARIANTS, bindingBytes?: number) {
  const { metadata, tensors } = await openGguf([bytesSource("tiny", file)]);
  const { graph, hyperparameters } = buildModel(metadata, tensors);
  const options = { contextLength: 64, batchSize: 8, outputRows: 8, cacheType: "f16" } as const;
  return { ...programsOf(graph, options, variants, bindingBytes), layers: hyperparameters.layerCount };
}
