import { selfAttention } from "./blocks/attention.ts";
import { feedForward } from "./blocks/feed-forward.ts";
import { GraphBuilder } from "./blocks/graph-builder.ts";
import { embedTokens, languageHead } from "./blocks/head.ts";
import { readTransformer } from "./blocks/hyperparameters.ts";
import { readRopeScaling } from "./blocks/rope.ts";
import type { Architecture } from "./model.ts";

/**
 * Qwen3, dense (Yang et al. 2025): qwen2's block without biases, with an RMS norm of each q and k head before the rotation.
 * `attention.sliding_window` has no effect, as in llama.cpp.
 */
export const qwen3: Architecture = (header) => {
  const h = readTransformer(header);
  const rope = readRopeScaling(header.metadata, h.trainedContextLength);
  const g = new GraphBuilder(header.tensors);

  let x = embedTokens(g, h);
  h.layers.forEach((layer, i) => {
    const blk = `blk.${i}`;
    const sizes = { embeddingLength: h.embeddingLength, feedForwardLength: layer.feedForwardLength };

    const attentionIn = g.rmsNorm(x, `${blk}.attn_norm`, { eps: h.eps });
    let attended = selfAttention(g, attentionIn, blk, layer, { rope, pairing: "halves", headNormEps: h.eps });
    if (i === h.layerCount - 1) {
      attended = g.selectOutputs(attended);
      x = g.selectOutputs(x);
    }
    x = g.add(x, g.linear(attended, `${blk}.attn_output`, h.embeddingLength), `${blk}.attn_residual`);

    const ffnIn = g.rmsNorm(x, `${blk}.ffn_norm`, { eps: h.eps });
    x = g.add(x, feedForward(g, ffnIn, blk, sizes), `${blk}.ffn_residual`);
  });
  return { hyperparameters: h, graph: g.build(languageHead(g, x, h)) };
};
