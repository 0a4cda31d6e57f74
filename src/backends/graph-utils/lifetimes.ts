import type { Graph, ValueId } from "../../core/graph.ts";

/**
 * For each op, the activations nobody reads after it: their memory is free again. The graph's output is never among
 * them. An activation that no op reads is free after the op that makes it.
 */
export function freedAfter(graph: Graph): readonly (readonly ValueId[])[] {
  const last = new Map<ValueId, number>();
  graph.ops.forEach((op, index) => {
    for (const id of op.inputs) if (graph.values[id].kind === "activation") last.set(id, index);
    if (op.output !== null) last.set(op.output, index);
  });
  last.delete(graph.output);
  const freed: ValueId[][] = graph.ops.map(() => []);
  for (const [id, index] of last) freed[index].push(id);
  return freed;
}
