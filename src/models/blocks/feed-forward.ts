import type { ValueId } from "../../core/graph.ts";
import type { GraphBuilder } from "./graph-builder.ts";

/** down(silu(gate(x)) · up(x)) of block `blk` (Shazeer 2020, "SwiGLU"). */
export function feedForward(
  g: GraphBuilder,
  x: ValueId,
  blk: string,
  { embeddingLength, feedForwardLength }: { embeddingLength: number; feedForwardLength: number },
): ValueId {
  const gate = g.linear(x, `${blk}.ffn_gate`, feedForwardLength);
  const up = g.linear(x, `${blk}.ffn_up`, feedForwardLength);
  const hidden = g.swiglu(gate, up, `${blk}.ffn_glu`);
  return g.linear(hidden, `${blk}.ffn_down`, embeddingLength);
}
