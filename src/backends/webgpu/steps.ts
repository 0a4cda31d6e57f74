import { WebggufError } from "../../core/errors.ts";
import type { Graph, Op, RopeParams, ValueId } from "../../core/graph.ts";
import { type Domain, domainOf, fuse, type MatmulStep, type RowOp, stepValues } from "../graph-utils/fuse.ts";

/** What one kernel does, or the few kernels of a matrix product or an attention. */
export type GpuStep =
  | { readonly kind: "matmul"; readonly step: MatmulStep }
  | RotateStep
  | { readonly kind: "attention"; readonly op: Extract<Op, { op: "attention" }> }
  | { readonly kind: "expert_matmul"; readonly op: Extract<Op, { op: "expert_matmul" }> }
  | { readonly kind: "op"; readonly op: Exclude<RowOp, { op: "rope" | "kv_append" }>; readonly domain: Domain };

/** What stands between the products and attention: norms of the heads, rotation in place, the way into the cache. */
export interface RotateStep {
  readonly kind: "rotate";
  readonly q?: Turned;
  readonly k?: Turned;
  readonly append?: { readonly k: ValueId; readonly v: ValueId; readonly layer: number };
}

export interface Turned {
  readonly input: ValueId;
  readonly output: ValueId;
  readonly norm?: { readonly weight: ValueId; readonly eps: number };
  readonly rope: RopeParams;
  readonly divisors?: ValueId;
}

export function gpuSteps(graph: Graph): GpuStep[] {
  return fuse(graph).flatMap((step): GpuStep[] => {
    if (step.kind === "matmul") return [{ kind: "matmul", step }];
    if (step.kind === "attention") return [{ kind: "attention", op: step.op }];
    if (step.kind === "expert_matmul") return [{ kind: "expert_matmul", op: step.op }];
    return rowSteps(graph, step.ops);
  });
}

/** Rotations become one step with the norms before them and the cache behind them; every other operation is its own. */
function rowSteps(graph: Graph, ops: readonly RowOp[]): GpuStep[] {
  const steps: GpuStep[] = [];
  const taken = new Set<RowOp>();
  const ropes = ops.filter((op) => op.op === "rope");
  const append = ops.find((op) => op.op === "kv_append");
  const turned = new Map<ValueId, Turned>();
  for (const rope of ropes) {
    const [x, divisors] = rope.inputs;
    const norm = ops.find((op) => op.op === "rms_norm" && op.output === x && op.params.groups === rope.params.heads);
    const folded = norm?.op === "rms_norm" && readers(graph, x) === 1 ? norm : undefined;
    if (readers(graph, folded ? folded.inputs[0] : x) !== 1) {
      throw new WebggufError("internal", `Value ${x} is rotated in place and read elsewhere.`);
    }
    if (folded) taken.add(folded);
    turned.set(rope.output, {
      input: folded ? folded.inputs[0] : x,
      output: rope.output,
      norm: folded && { weight: folded.inputs[1], eps: folded.params.eps },
      rope: rope.params,
      divisors,
    });
  }
  for (const op of ops) {
    if (taken.has(op)) continue;
    if (op.op === "rope") {
      const k = append && turned.get(append.inputs[0]);
      const own = turned.get(op.output)!;
      if (!append || own === k) {
        if (!append) steps.push({ kind: "rotate", q: own });
        continue;
      }
      // A query: it goes along with the keys when it turns as they do.
      if (!k || !sameTurn(own, k) || ropes.filter((r) => turned.get(r.output) !== k).length > 1)
        steps.push({ kind: "rotate", q: own });
    } else if (op.op === "kv_append") {
      const [k, v] = op.inputs;
      const key = turned.get(k);
      const queries = [...turned.values()].filter((t) => t !== key);
      const q = key && queries.length === 1 && sameTurn(queries[0], key) ? queries[0] : undefined;
      steps.push({ kind: "rotate", q, k: key, append: { k, v, layer: op.params.layer } });
    } else {
      steps.push({ kind: "op", op, domain: op.output === null ? "tokens" : domainOf(graph, op.output) });
    }
  }
  return steps;
}

const sameTurn = (a: Turned, b: Turned): boolean =>
  rotationKey(a) === rotationKey(b) && a.rope.headSize === b.rope.headSize && a.rope.pairing === b.rope.pairing;

/** Rotations with the same angles have the same key. */
export function rotationKey({ rope, divisors }: Pick<Turned, "rope" | "divisors">): string {
  const { heads: _, headSize: __, pairing: ___, ...angles } = rope;
  return JSON.stringify([angles, divisors ?? null]);
}

function readers(graph: Graph, value: ValueId): number {
  const inputs = graph.ops.filter((op) => (op.inputs as readonly ValueId[]).includes(value)).length;
  return inputs + (graph.output === value ? 1 : 0);
}

/** The activations a step makes: each group lies in one buffer, side by side; and those that take the place of another. */
export function madeBy(step: GpuStep): { groups: ValueId[][]; inPlace: [output: ValueId, input: ValueId][] } {
  if (step.kind === "matmul") {
    const { segments, glu } = step.step;
    return { groups: [glu ? [segments[0].output] : segments.map((s) => s.output)], inPlace: [] };
  }
  if (step.kind === "rotate") {
    const pairs = [step.q, step.k].flatMap((t): [ValueId, ValueId][] => (t ? [[t.output, t.input]] : []));
    return { groups: [], inPlace: pairs };
  }
  return { groups: step.op.output === null ? [] : [[step.op.output]], inPlace: [] };
}

/** The values a step reads. */
export function readBy(step: GpuStep): readonly ValueId[] {
  if (step.kind === "matmul") return stepValues(step.step).reads;
  if (step.kind === "rotate") {
    const turned = [step.q, step.k].flatMap((t) => (t ? [t.input] : []));
    return [...turned, ...(step.append ? [step.append.k, step.append.v] : [])];
  }
  return step.op.inputs;
}
