import { byteLength, type DType } from "../core/dtype.ts";
import type { TypeChoice } from "./mixes.ts";
import type { ModelShape } from "./shapes.ts";

/** Vectors are F32, whatever the mixture. */
export const dtypeOf = (name: string, dimensions: readonly number[], types: TypeChoice): DType =>
  dimensions.length === 1 ? "F32" : types.typeOf(name, dimensions[0]);

/** Names and dimensions (ggml's order) of all tensors, as they stand in the file. */
export function tensorShapes(shape: ModelShape): [string, number[]][] {
  const { width, feedForward, architecture } = shape;
  const queryWidth = shape.heads * shape.headSize;
  const keyWidth = shape.kvHeads * shape.headSize;
  const tensors: [string, number[]][] = [["token_embd.weight", [width, shape.vocabularySize]]];
  if (shape.ropeFactor) tensors.push(["rope_freqs.weight", [shape.headSize / 2]]);
  for (let layer = 0; layer < shape.layers; layer++) {
    const add = (name: string, dimensions: number[]) => tensors.push([`blk.${layer}.${name}`, dimensions]);
    add("attn_norm.weight", [width]);
    add("attn_q.weight", [width, queryWidth]);
    add("attn_k.weight", [width, keyWidth]);
    add("attn_v.weight", [width, keyWidth]);
    if (architecture === "qwen2") {
      add("attn_q.bias", [queryWidth]);
      add("attn_k.bias", [keyWidth]);
      add("attn_v.bias", [keyWidth]);
    }
    if (architecture === "qwen3" || architecture === "gemma-embedding") {
      add("attn_q_norm.weight", [shape.headSize]);
      add("attn_k_norm.weight", [shape.headSize]);
    }
    add("attn_output.weight", [queryWidth, width]);
    if (architecture === "gemma-embedding") {
      add("post_attention_norm.weight", [width]);
      add("post_ffw_norm.weight", [width]);
    }
    add("ffn_norm.weight", [width]);
    add("ffn_gate.weight", [width, feedForward]);
    add("ffn_up.weight", [width, feedForward]);
    add("ffn_down.weight", [feedForward, width]);
  }
  tensors.push(["output_norm.weight", [width]]);
  if (shape.denseWidth) {
    tensors.push(["dense_2.weight", [width, shape.denseWidth]], ["dense_3.weight", [shape.denseWidth, width]]);
  }
  if (!shape.tiedEmbeddings) tensors.push(["output.weight", [width, shape.vocabularySize]]);
  return tensors;
}

/** Bytes of a token in the header, about: its text twice, in the vocabulary and in a merge, with lengths and kind. */
const HEADER_BYTES_PER_TOKEN = 40;

/** Size of the file in bytes, without making any of it; the header is a guess. */
export function approximateBytes(shape: ModelShape, types: TypeChoice): number {
  const product = (dimensions: readonly number[]) => dimensions.reduce((all, length) => all * length, 1);
  return tensorShapes(shape).reduce(
    (sum, [name, dimensions]) => sum + byteLength(dtypeOf(name, dimensions, types), product(dimensions)),
    HEADER_BYTES_PER_TOKEN * shape.vocabularySize,
  );
}
