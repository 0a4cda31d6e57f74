import type { Backend, Plan } from "../../src/backends/backend.ts";
import { byOp } from "../../src/core/profile.ts";
import { buildModel } from "../../src/models/registry.ts";
import { resolveSampling } from "../../src/sampling/options.ts";
import { type Mix, mixChoice } from "../../src/synthetic/mixes.ts";
import { syntheticModel } from "../../src/synthetic/model.ts";
import { Random } from "../../src/synthetic/random.ts";
import { SHAPES, type ShapeName } from "../../src/synthetic/shapes.ts";
import { syntheticHeader } from "../../src/synthetic/tensors.ts";
import { BufferWatch } from "./buffers.ts";
import { bytesPerToken, promptOperations } from "./cost.ts";
import type { DecodeFigures, ModelFigures, ProfileFigures } from "./types.ts";

export interface ModelTask {
  readonly depths: readonly number[];
  readonly promptTokens: number;
  readonly generateTokens: number;
  readonly repetitions: number;
}

const CACHE_TYPE = "f16";

/** Times a synthetic model. Warm-up runs go before every measurement and are not counted. */
export async function measureModel(
  backend: Backend,
  name: ShapeName,
  mix: Mix,
  task: ModelTask,
): Promise<ModelFigures> {
  const { depths, promptTokens, generateTokens, repetitions } = task;
  const shape = SHAPES[name];
  const { metadata, tensors } = await syntheticHeader(syntheticModel(shape, { types: mixChoice(mix, shape) }));
  const { graph } = buildModel(metadata, tensors);
  const contextLength = Math.max(promptTokens, Math.max(...depths) + generateTokens) + 1;
  const watch = new BufferWatch();
  const begun = performance.now();
  const options = { contextLength, batchSize: promptTokens, outputRows: 1, cacheType: CACHE_TYPE } as const;
  let plan: Plan | undefined;
  try {
    plan = await backend.compile(graph, options);
    const compiled = performance.now();
    const weights = graph.values.flatMap((value) => {
      const tensor = value.kind === "weight" ? tensors.get(value.name) : undefined;
      return tensor ? [tensor] : [];
    });
    const weightBytes = weights.reduce((sum, tensor) => sum + tensor.byteLength, 0);
    await plan.load(weights, {});
    await plan.ready?.();
    const loaded = performance.now();
    const random = new Random(7);
    const run = new ModelRun(
      plan,
      (count) => Array.from({ length: count }, () => random.below(shape.vocabularySize)),
      shape.vocabularySize,
    );

    const prefill = {
      tokens: promptTokens,
      rates: (await repeated(repetitions, () => run.prompt(promptTokens))).map((ms) => (promptTokens * 1000) / ms),
      firstToken: await repeated(repetitions, () => run.firstToken(promptTokens)),
      operations: promptOperations(graph, promptTokens),
      profile: await run.profile(promptTokens, 0, repetitions),
    };
    const before = plan.counters;
    const decode: DecodeFigures[] = [];
    for (const depth of depths) {
      await run.fill(depth, promptTokens);
      decode.push({
        depth,
        tokens: generateTokens,
        rates: await repeated(repetitions, () => run.decode(depth, generateTokens)),
        bytesPerToken: bytesPerToken(graph, depth, 2),
        profile: await run.profile(1, depth, Math.max(5, 3 * repetitions)),
      });
    }
    const after = plan.counters;
    const difference = (of: (counters: NonNullable<Plan["counters"]>) => number) =>
      after && before ? of(after) - of(before) : 0;
    return {
      notes: plan.notes ?? [],
      contextLength,
      weightBytes,
      memoryBytes: plan.memory,
      peakBytes: watch.peak,
      compileMilliseconds: compiled - begun,
      loadMilliseconds: loaded - compiled,
      decode,
      prefill,
      dispatchesPerToken: after?.dispatchesPerToken ?? 0,
      bytesReadPerToken:
        difference((c) => c.bytesRead) /
        Math.max(
          1,
          difference((c) => c.deviceTokens),
        ),
      buffersCreated: difference((c) => c.buffersCreated),
      bindGroupsCreated: difference((c) => c.bindGroupsCreated),
    };
  } finally {
    watch.end();
    await plan?.close();
  }
}

/** One value for each repetition; the first is a warm-up and left out. */
async function repeated(repetitions: number, measure: () => Promise<number>): Promise<number[]> {
  const samples: number[] = [];
  for (let i = -1; i < repetitions; i++) {
    const sample = await measure();
    if (i >= 0) samples.push(sample);
  }
  return samples;
}

class ModelRun {
  readonly #plan: Plan;
  readonly #randomTokens: (count: number) => number[];
  readonly #vocabulary: number;

  constructor(plan: Plan, randomTokens: (count: number) => number[], vocabulary: number) {
    this.#plan = plan;
    this.#randomTokens = randomTokens;
    this.#vocabulary = vocabulary;
  }

  /** Milliseconds until the logits of a prompt's last token are there. */
  async prompt(count: number): Promise<number> {
    const tokens = this.#randomTokens(count);
    const start = performance.now();
    await this.#plan.run({ tokens, position: 0, outputs: [count - 1] });
    return performance.now() - start;
  }

  /** Fills the cache up to `depth`. */
  async fill(depth: number, batch: number): Promise<void> {
    for (let position = 0; position < depth; position += batch) {
      const tokens = this.#randomTokens(Math.min(batch, depth - position));
      await this.#plan.run({ tokens, position, outputs: [] });
    }
  }

  /** Milliseconds from an empty context to the first token. */
  async firstToken(count: number): Promise<number> {
    const tokens = this.#randomTokens(count);
    const start = performance.now();
    for await (const _ of this.#choose(tokens, 0, 1)) break;
    return performance.now() - start;
  }

  /** Tokens per second behind `depth` others, chosen greedily on the device, from the call to the last token. */
  async decode(depth: number, count: number): Promise<number> {
    const tokens = this.#randomTokens(1);
    const start = performance.now();
    for await (const _ of this.#choose(tokens, depth, count));
    return (count * 1000) / (performance.now() - start);
  }

  #choose(tokens: number[], position: number, maximum: number) {
    if (!this.#plan.decode) throw new Error("The backend does not choose tokens.");
    const sampling = resolveSampling({ temperature: 0, seed: 1 }, this.#vocabulary);
    return this.#plan.decode({ tokens, position, sampling, choices: this.#vocabulary, history: [], maximum });
  }

  /** Where the time goes; nothing where the device has no timestamps. */
  async profile(count: number, position: number, repetitions: number): Promise<ProfileFigures | undefined> {
    const request = { tokens: this.#randomTokens(count), position, outputs: [count - 1] };
    try {
      const profile = await this.#plan.profile?.(request, repetitions);
      if (!profile) return undefined;
      const { wallMicroseconds, plainMicroseconds, resolutionMicroseconds } = profile;
      return { wallMicroseconds, plainMicroseconds, resolutionMicroseconds, rows: byOp(profile) };
    } catch (error) {
      if ((error as { code?: string }).code === "device-unavailable") return undefined;
      throw error;
    }
  }
}
