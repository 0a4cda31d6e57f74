import { byteLength } from "../../src/core/dtype.ts";
import type { Graph, Op, Weight } from "../../src/core/graph.ts";

/** Matrices that a token is multiplied with. */
function products(graph: Graph): { weight: Weight; outputs: boolean }[] {
  return graph.ops.flatMap((op) => {
    if (op.op !== "matmul") return [];
    const weight = graph.values[op.inputs[1]];
    const output = graph.values[op.output];
    if (weight.kind !== "weight") return [];
    return [{ weight, outputs: output.kind === "activation" && output.rows === "outputs" }];
  });
}

const elements = ({ shape }: Weight): number => shape.reduce((product, length) => product * length, 1);

/** Bytes that one token behind `depth` others has to read: every matrix once, and the cache with its own entry. */
export function bytesPerToken(graph: Graph, depth: number, cacheNumberBytes: number): number {
  const weights = products(graph).reduce((sum, { weight }) => sum + byteLength(weight.dtype, elements(weight)), 0);
  const cache = graph.cacheLayers.reduce((sum, { keyWidth, valueWidth }) => sum + keyWidth + valueWidth, 0);
  return weights + cache * cacheNumberBytes * (depth + 1);
}

/** Multiplications and additions of a prompt from an empty context, with logits of its last token alone. */
export function promptOperations(graph: Graph, tokens: number): number {
  const matrices = products(graph).reduce(
    (sum, { weight, outputs }) => sum + 2 * elements(weight) * (outputs ? 1 : tokens),
    0,
  );
  const pairs = (tokens * (tokens + 1)) / 2;
  const isAttention = (op: Op) => op.op === "attention";
  const attention = graph.ops
    .filter(isAttention)
    .reduce((sum, { params }) => sum + 2 * pairs * params.heads * (params.headSize + params.valueSize), 0);
  return matrices + attention;
}
