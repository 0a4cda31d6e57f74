import { gaussianBytes } from "../src/backends/cases/random-weights.ts";
import type { TypedValue } from "../src/gguf/encode.ts";
import { ggufBytes } from "../src/gguf/writer.ts";

/** What a tiny model for tests is to have; sizes are odd on purpose. */
export interface TinyModelOptions {
  readonly architecture: "llama" | "qwen2" | "qwen3";
  /** Biases of q, k and v ("qkv"), or of every matrix of a block ("all"). */
  readonly biases?: "qkv" | "all";
  /** Without `output.weight`. */
  readonly tied?: boolean;
  /** With `rope_freqs.weight`. */
  readonly ropeFreqs?: boolean;
  /** Mixture of experts instead of the dense feed-forward. */
  readonly mixture?: { readonly experts: number; readonly used: number };
  /** Size of q and k heads, and of v heads, when it is not embedding length / heads. */
  readonly headSizes?: { readonly key: number; readonly value: number };
  /** More metadata; a key that is there already is replaced, and left out when undefined. */
  readonly metadata?: Readonly<Record<string, TypedValue | undefined>>;
  /** Names of tensors to leave out. */
  readonly without?: readonly string[];
}

export const TINY = { layers: 2, width: 24, heads: 6, kvHeads: 2, feedForward: 20, vocabulary: 29, eps: 1e-5 } as const;

export interface TinyModel {
  readonly file: Uint8Array<ArrayBuffer>;
  /** Every tensor's numbers, by name. */
  readonly weights: ReadonlyMap<string, Float32Array>;
}

/** A GGUF file of a few kilobytes with seeded random F32 weights. */
export function tinyModel(options: TinyModelOptions): TinyModel {
  const shapes = tensorShapes(options).filter(([name]) => !options.without?.includes(name));
  const weights = new Map(shapes.map(([name, shape]) => [name, randomTensor(name, shape)]));
  const tensors = shapes.map(([name, shape]) => ({
    name,
    dtype: "F32" as const,
    shape,
    data: () => [new Uint8Array((weights.get(name) as Float32Array<ArrayBuffer>).buffer)],
  }));
  return { file: ggufBytes({ metadata: tinyMetadata(options), tensors }), weights };
}

function tinyMetadata({ architecture, mixture, headSizes, metadata = {} }: TinyModelOptions): Map<string, TypedValue> {
  const size = (value: number): TypedValue => ({ type: "uint32", value });
  const own: Record<string, TypedValue | undefined> = {
    block_count: size(TINY.layers),
    context_length: size(128),
    embedding_length: size(TINY.width),
    feed_forward_length: size(TINY.feedForward),
    "attention.head_count": size(TINY.heads),
    "attention.head_count_kv": size(TINY.kvHeads),
    "attention.layer_norm_rms_epsilon": { type: "float32", value: TINY.eps },
    "attention.key_length": headSizes && size(headSizes.key),
    "attention.value_length": headSizes && size(headSizes.value),
    expert_count: mixture && size(mixture.experts),
    expert_used_count: mixture && size(mixture.used),
  };
  const entries: Record<string, TypedValue | undefined> = {
    "general.architecture": { type: "string", value: architecture },
    ...Object.fromEntries(Object.entries(own).map(([key, value]) => [`${architecture}.${key}`, value])),
    ...metadata,
  };
  return new Map(Object.entries(entries).filter((entry): entry is [string, TypedValue] => entry[1] !== undefined));
}

function tensorShapes(options: TinyModelOptions): [name: string, shape: number[]][] {
  const { architecture, biases, tied, ropeFreqs, mixture } = options;
  const { layers, width, heads, kvHeads, feedForward, vocabulary } = TINY;
  const { key, value } = options.headSizes ?? { key: width / heads, value: width / heads };
  const shapes: [string, number[]][] = [
    ["token_embd.weight", [width, vocabulary]],
    ["output_norm.weight", [width]],
  ];
  if (!tied) shapes.push(["output.weight", [width, vocabulary]]);
  if (ropeFreqs) shapes.push(["rope_freqs.weight", [key / 2]]);
  for (let layer = 0; layer < layers; layer++) {
    const linear = (name: string, input: number, output: number, biased: boolean): void => {
      shapes.push([`blk.${layer}.${name}.weight`, [input, output]]);
      if (biased) shapes.push([`blk.${layer}.${name}.bias`, [output]]);
    };
    shapes.push([`blk.${layer}.attn_norm.weight`, [width]], [`blk.${layer}.ffn_norm.weight`, [width]]);
    linear("attn_q", width, heads * key, biases !== undefined);
    linear("attn_k", width, kvHeads * key, biases !== undefined);
    linear("attn_v", width, kvHeads * value, biases !== undefined);
    linear("attn_output", heads * value, width, biases === "all");
    if (architecture === "qwen3") {
      shapes.push([`blk.${layer}.attn_q_norm.weight`, [key]], [`blk.${layer}.attn_k_norm.weight`, [key]]);
    }
    if (mixture) {
      linear("ffn_gate_inp", width, mixture.experts, false);
      shapes.push([`blk.${layer}.ffn_gate_exps.weight`, [width, feedForward, mixture.experts]]);
      shapes.push([`blk.${layer}.ffn_up_exps.weight`, [width, feedForward, mixture.experts]]);
      shapes.push([`blk.${layer}.ffn_down_exps.weight`, [feedForward, width, mixture.experts]]);
    } else {
      linear("ffn_gate", width, feedForward, biases === "all");
      linear("ffn_up", width, feedForward, biases === "all");
      linear("ffn_down", feedForward, width, biases === "all");
    }
  }
  return shapes;
}

/** Norms and divisors lie around 1, everything else around 0, large enough for every part to matter. */
function randomTensor(name: string, shape: readonly number[]): Float32Array {
  const elements = shape.reduce((product, size) => product * size, 1);
  const around = /norm\.weight$|rope_freqs/.test(name) ? 1 : 0;
  return new Float32Array(gaussianBytes(elements, name, 0.4).buffer).map((x) => (around ? 1 + Math.abs(x) : x));
}
