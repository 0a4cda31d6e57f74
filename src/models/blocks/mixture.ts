import { WebggufError } from "../../core/errors.ts";
import type { ValueId } from "../../core/graph.ts";
import type { Metadata } from "../../core/metadata.ts";
import type { GraphBuilder } from "./graph-builder.ts";
import { MetadataReader } from "./metadata-reader.ts";

/** Sizes of a mixture of experts. */
export interface Mixture {
  readonly experts: number;
  /** How many of them each token uses. */
  readonly used: number;
}

const MOST_EXPERTS = 4096;

/** `expert_count` and `expert_used_count`; undefined for a model without experts. */
export function readMixture(metadata: Metadata): Mixture | undefined {
  const reader = new MetadataReader(metadata);
  if (!reader.optionalNumber("expert_count")) return undefined;
  const experts = reader.size("expert_count", MOST_EXPERTS);
  return { experts, used: reader.size("expert_used_count", experts) };
}

/**
 * Sparse feed-forward of block `blk`: a router picks experts for each token, each computes SwiGLU, and their results are
 * summed, weighted by the softmax over the picked ones' router logits (Jiang et al. 2024, "Mixtral of Experts").
 */
export function mixtureFeedForward(
  g: GraphBuilder,
  x: ValueId,
  blk: string,
  { embeddingLength, feedForwardLength }: { embeddingLength: number; feedForwardLength: number },
  { experts, used }: Mixture,
): ValueId {
  if (!g.has(`${blk}.ffn_gate_exps.weight`) && g.has(`${blk}.ffn_gate.0.weight`)) {
    throw new WebggufError(
      "missing-tensor",
      `The file stores each expert as a tensor of its own ("${blk}.ffn_gate.0.weight"), an old form; expected all in one ("${blk}.ffn_gate_exps.weight"). Convert the model again with a current converter.`,
    );
  }
  const routes = g.route(g.linear(x, `${blk}.ffn_gate_inp`, experts), used, `${blk}.ffn_routes`);
  const inward = [embeddingLength, feedForwardLength, experts] as const;
  const gate = g.expertLinear(x, routes, `${blk}.ffn_gate_exps`, inward);
  const up = g.expertLinear(x, routes, `${blk}.ffn_up_exps`, inward);
  const hidden = g.swiglu(gate, up, `${blk}.ffn_glu`);
  const down = g.expertLinear(hidden, routes, `${blk}.ffn_down_exps`, [feedForwardLength, embeddingLength, experts]);
  return g.expertSum(down, routes, `${blk}.ffn_out`);
}
