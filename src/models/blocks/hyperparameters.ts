import { WebggufError } from "../../core/errors.ts";
import type { Hyperparameters, ModelHeader } from "../model.ts";
import { MetadataReader } from "./metadata-reader.ts";

/** Sizes of a decoder-only transformer with RMS norms and gated feed-forward. */
export interface TransformerHyperparameters extends Hyperparameters {
  /** `attention.layer_norm_rms_epsilon` */
  readonly eps: number;
  readonly layers: readonly LayerHyperparameters[];
}

export interface LayerHyperparameters {
  readonly headCount: number;
  readonly kvHeadCount: number;
  /** Size of a query and a key head. */
  readonly headSize: number;
  /** Size of a value head. */
  readonly valueSize: number;
  readonly feedForwardLength: number;
}

const MOST_LAYERS = 1024;
const MOST_HEADS = 4096;

/**
 * Reads the keys that llama and its relatives share. Head counts and feed-forward lengths may be given per layer; a head's
 * size is `attention.key_length` (`value_length`), else embedding length / heads.
 */
export function readTransformer({ metadata, tensors }: ModelHeader): TransformerHyperparameters {
  const reader = new MetadataReader(metadata);
  const embeddingLength = reader.size("embedding_length");
  const layerCount = reader.size("block_count", MOST_LAYERS);
  const headCounts = reader.sizePerLayer("attention.head_count", layerCount);
  const kvHeadCounts = reader.optionalSizePerLayer("attention.head_count_kv", layerCount) ?? headCounts;
  const feedForwardLengths = reader.sizePerLayer("feed_forward_length", layerCount);
  const keyLength = reader.optionalSize("attention.key_length");
  const valueLength = reader.optionalSize("attention.value_length");

  const layers = headCounts.map((headCount, layer): LayerHyperparameters => {
    const kvHeadCount = kvHeadCounts[layer];
    if (headCount > MOST_HEADS || headCount % kvHeadCount !== 0) {
      throw new WebggufError(
        "malformed",
        `Layer ${layer} has ${headCount} attention heads and ${kvHeadCount} key/value heads; expected at most ${MOST_HEADS}, the first a multiple of the second.`,
      );
    }
    return {
      headCount,
      kvHeadCount,
      headSize: keyLength ?? dividedHeads(embeddingLength, headCount),
      valueSize: valueLength ?? dividedHeads(embeddingLength, headCount),
      feedForwardLength: feedForwardLengths[layer],
    };
  });

  return {
    embeddingLength,
    layerCount,
    trainedContextLength: reader.size("context_length", 2 ** 31),
    vocabularySize: vocabularySize(tensors, embeddingLength),
    headCount: headCounts[0],
    eps: reader.positive("attention.layer_norm_rms_epsilon"),
    layers,
  };
}

function dividedHeads(embeddingLength: number, headCount: number): number {
  if (embeddingLength % headCount === 0) return embeddingLength / headCount;
  throw new WebggufError(
    "malformed",
    `The embedding length ${embeddingLength} is not a multiple of the ${headCount} attention heads, and the header gives no head size (attention.key_length, attention.value_length).`,
  );
}

/** As many tokens as the embedding table has rows. */
function vocabularySize(tensors: ModelHeader["tensors"], embeddingLength: number): number {
  const shape = tensors.get("token_embd.weight")?.shape;
  if (!shape) {
    throw new WebggufError(
      "missing-tensor",
      'The file has no tensor "token_embd.weight" (the token embeddings). It is incomplete or holds no language model.',
    );
  }
  if (shape[0] === embeddingLength && shape.slice(2).every((n) => n === 1)) return shape[1] ?? 1;
  throw new WebggufError(
    "malformed",
    `Tensor "token_embd.weight" has shape [${shape.join(", ")}], but the file's metadata ask for [${embeddingLength}, vocabulary].`,
  );
}
