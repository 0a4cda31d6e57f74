import type { Backend, CacheType, Plan } from "../src/backends/backend.ts";
import type { ByteSource } from "../src/core/source.ts";
import { openGguf } from "../src/gguf/open.ts";
import { buildModel, type ModelDefinition } from "../src/models/registry.ts";

/** Ids and log-probabilities, likeliest first. */
type TopList = readonly (readonly [id: number, logprob: number])[];

/** Expected outputs of one model; the fields are described in the reference data's README. */
export interface Golden {
  readonly name: string;
  readonly arch: string;
  readonly kind: "causal" | "embedding";
  readonly tokens: readonly number[];
  readonly positions: readonly { readonly pos: number; readonly top: TopList }[];
  readonly greedy: readonly number[];
  readonly greedyGaps: readonly number[];
  readonly longPrompt: { readonly tokens: readonly number[]; readonly pos: number; readonly top: TopList };
  readonly noise: Readonly<Record<"batch" | "storedTypes" | "kvF16" | "flashAttention", { maxLogprobDiff: number }>>;
}

/** A golden model: what is expected of it, and its file. */
export interface GoldenModel {
  readonly golden: Golden;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Largest log-probability difference that is no error, see the reference data's README. */
export type LimitRule = (golden: Golden) => number;

export const f32Limit: LimitRule = () => 2e-3;
/** F16 K/V cache, F32 otherwise. */
export const f16CacheLimit: LimitRule = ({ noise }) => Math.max(0.03, 3 * noise.kvF16.maxLogprobDiff);
/** F16 or 8-bit activations. */
export const roundedActivationsLimit: LimitRule = ({ noise }) => Math.max(0.03, 3 * noise.storedTypes.maxLogprobDiff);

export interface GoldenOptions {
  /** Tokens per run. Default: 512, more than any prompt here. */
  readonly batchSize?: number;
  readonly cacheType?: CacheType;
  readonly limit: LimitRule;
}

export interface GoldenResult {
  readonly limit: number;
  /** Largest log-probability difference over the prompt's top lists. */
  readonly prompt: number;
  /** The same after the long prompt. */
  readonly long: number;
  /** Greedy steps whose choice was another than expected. */
  readonly greedyDifferences: number;
  /** Those of them where the expected choice was ahead by at least twice the limit. */
  readonly greedyErrors: number;
}

/**
 * Runs a golden model: the prompt, then the expected greedy continuation token by token, then the long prompt over the
 * same cache.
 */
export async function runGoldenModel(
  backend: Backend,
  { golden, bytes }: GoldenModel,
  options: GoldenOptions,
): Promise<GoldenResult> {
  const limit = options.limit(golden);
  const batchSize = options.batchSize ?? 512;
  const { plan } = await compileGolden(backend, bytes, { batchSize, cacheType: options.cacheType ?? "f32" });
  try {
    const wanted = golden.positions.map(({ pos }) => pos);
    const rows = await logitsAt(plan, golden.tokens, wanted, batchSize);
    const prompt = Math.max(...rows.map((row, i) => topDeviation(row, golden.positions[i].top)));

    let last = rows[wanted.indexOf(golden.tokens.length - 1)];
    let greedyDifferences = 0;
    let greedyErrors = 0;
    for (const [step, expected] of golden.greedy.entries()) {
      if (argmax(last) !== expected) {
        greedyDifferences++;
        if (golden.greedyGaps[step] >= 2 * limit) greedyErrors++;
      }
      [last] = await plan.run({ tokens: [expected], position: golden.tokens.length + step, outputs: [0] });
    }

    const { tokens, pos, top } = golden.longPrompt;
    const [afterLong] = await logitsAt(plan, tokens, [pos], batchSize);
    return { limit, prompt, long: topDeviation(afterLong, top), greedyDifferences, greedyErrors };
  } finally {
    await plan.close();
  }
}

/** Compiles a golden model for `backend`, with a context of 512 tokens, and loads its weights. */
export async function compileGolden(
  backend: Backend,
  bytes: Uint8Array<ArrayBuffer>,
  { batchSize, cacheType }: { batchSize: number; cacheType: CacheType },
): Promise<{ plan: Plan; model: ModelDefinition }> {
  const { metadata, tensors } = await openGguf([bytesSource("golden.gguf", bytes)]);
  const model = buildModel(metadata, tensors);
  const plan = await backend.compile(model.graph, { contextLength: 512, batchSize, outputRows: batchSize, cacheType });
  const names = new Set(model.graph.values.flatMap((value) => (value.kind === "weight" ? [value.name] : [])));
  const weights = [...tensors.values()].filter(({ name }) => names.has(name));
  await plan.load(weights, {});
  return { plan, model };
}

/** Logits after each of the ascending `positions` of `tokens`, evaluated from an empty context in batches. */
async function logitsAt(
  plan: Plan,
  tokens: readonly number[],
  positions: readonly number[],
  batchSize: number,
): Promise<Float32Array[]> {
  const rows: Float32Array[] = [];
  for (let position = 0; position < tokens.length; position += batchSize) {
    const batch = tokens.slice(position, position + batchSize);
    const outputs = positions.map((p) => p - position).filter((index) => index >= 0 && index < batch.length);
    for (const row of await plan.run({ tokens: batch, position, outputs })) rows.push(row.slice());
  }
  return rows;
}

/** A source whose bytes are in memory. */
export function bytesSource(name: string, bytes: Uint8Array<ArrayBuffer>): ByteSource {
  return {
    name,
    size: bytes.length,
    async read(offset, length) {
      return bytes.slice(offset, offset + length);
    },
  };
}

/** Largest difference of log-probabilities from the expected list; NaN logits count as infinite. */
function topDeviation(logits: Float32Array, top: TopList): number {
  const largest = logits.reduce((a, b) => Math.max(a, b));
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0);
  const logSum = largest + Math.log(total);
  const differences = top.map(([id, expected]) => Math.abs(logits[id] - logSum - expected));
  return differences.some(Number.isNaN) ? Number.POSITIVE_INFINITY : Math.max(...differences);
}

export function argmax(logits: Float32Array): number {
  return logits.reduce((best, logit, id) => (logit > logits[best] ? id : best), 0);
}
