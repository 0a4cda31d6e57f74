import { WebggufError } from "../../core/errors.ts";
import type { RopeParams, ValueId } from "../../core/graph.ts";
import type { GraphBuilder } from "./graph-builder.ts";
import type { LayerHyperparameters } from "./hyperparameters.ts";
import type { RopeScaling } from "./rope.ts";

export interface SelfAttentionOptions {
  readonly rope: RopeScaling;
  readonly pairing: RopeParams["pairing"];
  /** Divisors of the rotary frequencies. */
  readonly divisors?: ValueId;
  /** Per-head RMS norm of q and k before the rotation, with this epsilon. */
  readonly headNormEps?: number;
}

/**
 * Causal self-attention of block `blk` ("blk.0") over the normalised rows x: q, k and v, rotation, cache, softmax.
 * Returns all heads side by side; the output projection is the caller's, who may want it for a few rows only.
 * Scores are scaled by 1/sqrt(head size) (Vaswani et al. 2017).
 */
export function selfAttention(
  g: GraphBuilder,
  x: ValueId,
  blk: string,
  layer: LayerHyperparameters,
  { rope, pairing, divisors, headNormEps }: SelfAttentionOptions,
): ValueId {
  const { headCount: heads, kvHeadCount: kvHeads, headSize, valueSize } = layer;
  let q = g.linear(x, `${blk}.attn_q`, heads * headSize);
  let k = g.linear(x, `${blk}.attn_k`, kvHeads * headSize);
  const v = g.linear(x, `${blk}.attn_v`, kvHeads * valueSize);
  if (headNormEps !== undefined) {
    q = g.rmsNorm(q, `${blk}.attn_q_norm`, { eps: headNormEps, groups: heads });
    k = g.rmsNorm(k, `${blk}.attn_k_norm`, { eps: headNormEps, groups: kvHeads });
  }
  const turn = { ...rope, pairing, headSize, rotaryDims: rotaryDims(rope, headSize) };
  q = g.rope(q, { ...turn, heads }, divisors);
  k = g.rope(k, { ...turn, heads: kvHeads }, divisors);
  const cache = g.kvAppend(k, v);
  const scale = 1 / Math.sqrt(headSize);
  return g.attention(q, `${blk}.attention`, { layer: cache, heads, kvHeads, headSize, valueSize, scale });
}

/** How many numbers of a head turn: all of them unless the header says fewer. */
export function rotaryDims(rope: RopeScaling, headSize: number): number {
  const dims = rope.rotaryDims ?? headSize;
  if (dims <= headSize && dims % 2 === 0) return dims;
  throw new WebggufError(
    "malformed",
    `The header turns ${dims} numbers of each attention head (rope.dimension_count); expected an even number, at most the head size ${headSize}.`,
  );
}
