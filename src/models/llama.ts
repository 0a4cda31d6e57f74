import { rotaryDims, selfAttention } from "./blocks/attention.ts";
import { feedForward } from "./blocks/feed-forward.ts";
import { GraphBuilder } from "./blocks/graph-builder.ts";
import { embedTokens, languageHead } from "./blocks/head.ts";
import { readTransformer } from "./blocks/hyperparameters.ts";
import { mixtureFeedForward, readMixture } from "./blocks/mixture.ts";
import { readRopeScaling } from "./blocks/rope.ts";
import type { Architecture } from "./model.ts";

/**
 * Llama 1 to 3, Mistral and Mixtral (Touvron et al. 2023; Jiang et al. 2023, 2024): pre-norm blocks, rotary positions on
 * neighbouring pairs, grouped-query attention, SwiGLU or a mixture of SwiGLU experts. `rope_freqs.weight` divides the
 * rotary frequencies (Llama 3.1). `attention.sliding_window` has no effect, as in llama.cpp.
 */
export const llama: Architecture = (header) => {
  const h = readTransformer(header);
  const rope = readRopeScaling(header.metadata, h.trainedContextLength);
  const mixture = readMixture(header.metadata);
  const g = new GraphBuilder(header.tensors);

  const divisors = g.has("rope_freqs.weight")
    ? g.weight("rope_freqs.weight", [rotaryDims(rope, h.layers[0].headSize) / 2])
    : undefined;

  let x = embedTokens(g, h);
  h.layers.forEach((layer, i) => {
    const blk = `blk.${i}`;
    const sizes = { embeddingLength: h.embeddingLength, feedForwardLength: layer.feedForwardLength };

    const attentionIn = g.rmsNorm(x, `${blk}.attn_norm`, { eps: h.eps });
    let attended = selfAttention(g, attentionIn, blk, layer, { rope, pairing: "neighbours", divisors });
    if (i === h.layerCount - 1) {
      attended = g.selectOutputs(attended);
      x = g.selectOutputs(x);
    }
    x = g.add(x, g.linear(attended, `${blk}.attn_output`, h.embeddingLength), `${blk}.attn_residual`);

    const ffnIn = g.rmsNorm(x, `${blk}.ffn_norm`, { eps: h.eps });
    const ffnOut = mixture ? mixtureFeedForward(g, ffnIn, blk, sizes, mixture) : feedForward(g, ffnIn, blk, sizes);
    x = g.add(x, ffnOut, `${blk}.ffn_residual`);
  });
  return { hyperparameters: h, graph: g.build(languageHead(g, x, h)) };
};
