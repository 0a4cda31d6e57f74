import { WebggufError } from "../../core/errors.ts";
import type { Graph, RopeParams, ValueId } from "../../core/graph.ts";
import type { CompileOptions } from "../backend.ts";
import type { Allocation, BufferLedger } from "./ledger.ts";
import { type Reads, readsOf } from "./profile.ts";
import { buildProgram, type Task } from "./program.ts";
import { type OwnBuffers, samplerBuffers } from "./sampler.ts";
import { Scratch } from "./scratch.ts";
import { type Rotation, StepBuffer, stepLayout } from "./step-buffer.ts";
import { gpuSteps, rotationKey } from "./steps.ts";
import type { Trust } from "./trust.ts";
import { placeValues } from "./values.ts";
import type { View } from "./views.ts";
import { type Placed, placeWeights } from "./weights.ts";

/** The dispatches of one token, and of a batch. */
export interface Programs {
  readonly decode: readonly Task[];
  readonly batch: readonly Task[];
}

/** A model's buffers and what lies where in them. */
export interface Layout {
  readonly weights: Placed;
  readonly step: StepBuffer;
  readonly tokens: GPUBuffer;
  readonly output: View;
  readonly readback: GPUBuffer;
  readonly sampler: OwnBuffers;
  readonly reads: Reads;
  /** The dispatches over the buffers, of kernels as the device is known by then. May make more scratch buffers. */
  build(): Programs;
}

export interface LayoutDevice {
  readonly device: GPUDevice;
  /** Most bytes of one binding. */
  readonly bindingBytes: number;
  readonly trust: Pick<Trust, "choose">;
}

/** Makes all buffers of the model, in `ledger`. */
export function layOut(
  graph: Graph,
  options: CompileOptions,
  { device, bindingBytes, trust }: LayoutDevice,
  ledger: BufferLedger,
): Layout {
  const { contextLength, batchSize, outputRows, cacheType } = options;
  const allocate = (kind: Allocation) => (bytes: number, label: string) => ledger.storage(kind, bytes, label);
  const steps = gpuSteps(graph);
  const weights = placeWeights(graph, steps, bindingBytes, allocate("weights"));
  const numberBytes = cacheType === "f16" ? 2 : 4;
  const caches = graph.cacheLayers.map(({ keyWidth, valueWidth }, layer) => ({
    k: ledger.storage("kv", contextLength * keyWidth * numberBytes, `cache_k.${layer}`),
    v: ledger.storage("kv", contextLength * valueWidth * numberBytes, `cache_v.${layer}`),
  }));
  const values = placeValues(graph, steps, { tokens: batchSize, outputs: outputRows }, allocate("scratch"));

  const ropes = new Map<string, { rope: RopeParams; divisors?: ValueId }>();
  for (const step of steps) {
    if (step.kind !== "rotate") continue;
    for (const turned of [step.q, step.k]) if (turned) ropes.set(rotationKey(turned), turned);
  }
  const layout = stepLayout(
    batchSize,
    [...ropes.values()].map((r) => r.rope),
  );
  const rotations = new Map([...ropes.keys()].map((key, i) => [key, layout.at[i]]));
  const tables = [...ropes.values()].map(({ rope, divisors }, i): Rotation => {
    const place = divisors === undefined ? undefined : weights.places.get(divisors);
    return { rope, at: layout.at[i], divisors: () => (place?.kind === "angles" ? place.values : undefined) };
  });
  const stepBuffer = ledger.storage("scratch", layout.bytes, "step");
  const tokens = ledger.storage("scratch", batchSize * 4, "tokens");
  const parts = {
    graph,
    steps,
    options,
    choose: trust.choose.bind(trust),
    values,
    weights,
    caches,
    tokens,
    step: stepBuffer,
    rotations,
    scratch: new Scratch(allocate("scratch")),
  };
  const build = () => ({ decode: buildProgram(parts, "one"), batch: buildProgram(parts, "batch") });
  // Takes the scratch buffers that later ones then find.
  build();
  const output = values.get(graph.output);
  const value = graph.values[graph.output];
  if (!output || value.kind !== "activation") throw new WebggufError("internal", "The graph's output has no place.");
  return {
    weights,
    step: new StepBuffer(device, stepBuffer, tables),
    tokens,
    output,
    readback: ledger.readback(outputRows * value.width * 4),
    sampler: samplerBuffers(value.width, contextLength, allocate("scratch")),
    reads: readsOf(
      weights,
      graph.cacheLayers.flatMap(({ keyWidth, valueWidth }, layer) => [
        { buffer: caches[layer].k, perPosition: keyWidth * numberBytes },
        { buffer: caches[layer].v, perPosition: valueWidth * numberBytes },
      ]),
    ),
    build,
  };
}
