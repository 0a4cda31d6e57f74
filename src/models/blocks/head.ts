import type { ValueId } from "../../core/graph.ts";
import type { GraphBuilder } from "./graph-builder.ts";
import type { TransformerHyperparameters } from "./hyperparameters.ts";

/** The token embeddings, one row per token. */
export function embedTokens(g: GraphBuilder, { embeddingLength, vocabularySize }: TransformerHyperparameters): ValueId {
  return g.embed(g.weight("token_embd.weight", [embeddingLength, vocabularySize]));
}

/** Final norm and logits; without `output.weight` the token embeddings serve (tied embeddings). */
export function languageHead(g: GraphBuilder, x: ValueId, h: TransformerHyperparameters): ValueId {
  const normed = g.rmsNorm(x, "output_norm", { eps: h.eps });
  if (g.has("output.weight")) return g.linear(normed, "output", h.vocabularySize);
  const tied = g.weight("token_embd.weight", [h.embeddingLength, h.vocabularySize]);
  return g.matmul(normed, tied, { name: "output" });
}
