import type { DType } from "../core/dtype.ts";
import type { TypedValue } from "../gguf/encode.ts";
import type { GgufContents, SyncTensorData, TensorToWrite } from "../gguf/writer.ts";
import { randomWeights } from "./blocks.ts";
import type { TypeChoice } from "./mixes.ts";
import { Random } from "./random.ts";
import type { ModelShape } from "./shapes.ts";
import { dtypeOf, tensorShapes } from "./sizes.ts";
import { bpeVocabulary, spmVocabulary } from "./vocabulary.ts";

export interface SyntheticOptions {
  readonly types: TypeChoice;
  /** Default: SentencePiece style for Gemma, byte-level BPE for the others. */
  readonly tokenizer?: "bpe" | "spm";
  /** Default 1. The same seed gives the same file. */
  readonly seed?: number;
}

/**
 * A model of the given shape with random weights, for the writer. Weights are made while they are written.
 *
 * Matrices have deviation 1/√(row length), those that feed the residual stream 1/√(2 · layers) of it, and the embedding
 * and output matrices twice: activations stay near 1 and logits spread over several units.
 */
export function syntheticModel(shape: ModelShape, options: SyntheticOptions): GgufContents<SyncTensorData> {
  const { types, tokenizer = shape.architecture === "gemma-embedding" ? "spm" : "bpe", seed = 1 } = options;
  const vocabulary = (tokenizer === "bpe" ? bpeVocabulary : spmVocabulary)(shape.vocabularySize, seed);
  const tensors = tensorShapes(shape).map(([name, dimensions], index): TensorToWrite<SyncTensorData> => {
    const dtype = dtypeOf(name, dimensions, types);
    const elements = dimensions.reduce((product, length) => product * length, 1);
    const random = () => new Random(Math.imul(seed, 0x9e3779b1) + index);
    return { name, dtype, shape: dimensions, data: () => weights(name, dtype, dimensions, elements, shape, random()) };
  });
  const words = shape.denseWidth === undefined ? vocabulary : withoutChat(vocabulary);
  return { metadata: new Map([...hyperParameters(shape, types), ...words]), tensors };
}

function* weights(
  name: string,
  dtype: DType,
  dimensions: readonly number[],
  elements: number,
  shape: ModelShape,
  random: Random,
): Generator<Uint8Array> {
  if (name === "rope_freqs.weight") {
    yield new Uint8Array(ropeDivisors(shape).buffer);
    return;
  }
  if (name.endsWith("norm.weight")) {
    for (const chunk of randomWeights("F32", elements, 0.05, random)) {
      const values = new Float32Array(chunk.buffer, chunk.byteOffset, chunk.length / 4);
      yield new Uint8Array(values.map((value) => 1 + value).buffer);
    }
    return;
  }
  if (name.endsWith(".bias")) {
    yield* randomWeights("F32", elements, 0.1, random);
    return;
  }
  const isVocabulary = name === "token_embd.weight" || name === "output.weight";
  const isResidual = name.endsWith("attn_output.weight") || name.endsWith("ffn_down.weight");
  const gain = isVocabulary ? 2 : isResidual ? 1 / Math.sqrt(2 * shape.layers) : 1;
  yield* randomWeights(dtype, elements, gain / Math.sqrt(dimensions[0]), random);
}

/** GGUF's number for the mean of all rows. */
const MEAN_POOLING = 1;

/** Embedding models end their texts themselves, put no space in front, and do not chat. */
function withoutChat(vocabulary: Map<string, TypedValue>): Map<string, TypedValue> {
  vocabulary.delete("tokenizer.chat_template");
  vocabulary.set("tokenizer.ggml.add_space_prefix", { type: "bool", value: false });
  return vocabulary.set("tokenizer.ggml.add_eos_token", { type: "bool", value: true });
}

function hyperParameters(shape: ModelShape, types: TypeChoice): Map<string, TypedValue> {
  const prefix = shape.architecture;
  const count = (value: number): TypedValue => ({ type: "uint32", value });
  const entries = new Map<string, TypedValue>([
    ["general.architecture", { type: "string", value: prefix }],
    ["general.name", { type: "string", value: `${shape.name} shape, random weights` }],
    ["general.quantization_version", count(2)],
    [`${prefix}.block_count`, count(shape.layers)],
    [`${prefix}.context_length`, count(shape.contextLength)],
    [`${prefix}.embedding_length`, count(shape.width)],
    [`${prefix}.feed_forward_length`, count(shape.feedForward)],
    [`${prefix}.attention.head_count`, count(shape.heads)],
    [`${prefix}.attention.head_count_kv`, count(shape.kvHeads)],
    [`${prefix}.attention.layer_norm_rms_epsilon`, { type: "float32", value: shape.epsilon }],
    [`${prefix}.rope.freq_base`, { type: "float32", value: shape.ropeBase }],
    [`${prefix}.vocab_size`, count(shape.vocabularySize)],
  ]);
  if (types.fileType !== undefined) entries.set("general.file_type", count(types.fileType));
  if (prefix === "llama") entries.set("llama.rope.dimension_count", count(shape.headSize));
  if (prefix === "qwen3" || prefix === "gemma-embedding") {
    entries.set(`${prefix}.attention.key_length`, count(shape.headSize));
    entries.set(`${prefix}.attention.value_length`, count(shape.headSize));
  }
  const { slidingWindow, slidingRopeBase, denseWidth } = shape;
  if (slidingWindow !== undefined) entries.set(`${prefix}.attention.sliding_window`, count(slidingWindow));
  if (slidingRopeBase !== undefined) {
    entries.set(`${prefix}.rope.freq_base_swa`, { type: "float32", value: slidingRopeBase });
  }
  if (denseWidth !== undefined) {
    entries.set(`${prefix}.pooling_type`, count(MEAN_POOLING));
    entries.set(`${prefix}.dense_2_feat_in`, count(shape.width));
    entries.set(`${prefix}.dense_2_feat_out`, count(denseWidth));
    entries.set(`${prefix}.dense_3_feat_in`, count(denseWidth));
    entries.set(`${prefix}.dense_3_feat_out`, count(shape.width));
  }
  return entries;
}

/**
 * Llama 3's divisors of the rotary angles: 1 for wavelengths under 2048 positions, `ropeFactor` for those over 8192,
 * a blend between. Source: `_compute_llama3_parameters` of Hugging Face transformers.
 */
function ropeDivisors({ headSize, ropeBase, ropeFactor = 1 }: ModelShape): Float32Array<ArrayBuffer> {
  const original = 8192;
  const [lowFactor, highFactor] = [1, 4];
  return Float32Array.from({ length: headSize / 2 }, (_, pair) => {
    const wavelength = 2 * Math.PI * ropeBase ** ((2 * pair) / headSize);
    if (wavelength < original / highFactor) return 1;
    if (wavelength > original / lowFactor) return ropeFactor;
    const smooth = (original / wavelength - lowFactor) / (highFactor - lowFactor);
    return 1 / ((1 - smooth) / ropeFactor + smooth);
  });
}
