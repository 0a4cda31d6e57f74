import { WebggufError } from "../../core/errors.ts";
import type { Graph, Op, ValueId } from "../../core/graph.ts";

/**
 * A graph as steps. A step is what all threads must be through with before the next one starts; fewer steps are faster.
 *
 * - RMS norms that only feed matrix products become part of the products' input preparation.
 * - Matrix products that follow each other on the same input (q, k, v; gate, up) are one step; gate · up is its last act.
 * - A sum right after a product is the product's residual.
 * - Operations within one row (norms, rotation, cache, sums) that follow each other are one step.
 */
export type Step =
  | { readonly kind: "rows"; readonly domain: Domain; readonly ops: readonly RowOp[] }
  | MatmulStep
  | { readonly kind: "expert_matmul"; readonly domain: Domain; readonly op: Extract<Op, { op: "expert_matmul" }> }
  | { readonly kind: "attention"; readonly domain: Domain; readonly op: Extract<Op, { op: "attention" }> };

export type Domain = "tokens" | "outputs";

export type RowOp = Extract<
  Op,
  { op: "embed" | "rms_norm" | "rope" | "kv_append" | "glu" | "add" | "select_outputs" | "route" | "expert_sum" }
>;

export interface MatmulStep {
  readonly kind: "matmul";
  readonly domain: Domain;
  readonly x: ValueId;
  /** Norm of the input on the way. */
  readonly norm?: { readonly weight: ValueId; readonly eps: number };
  readonly segments: readonly Segment[];
  /** Two segments, gate and up, whose result is silu(gate) · up in the first one's output. */
  readonly glu: boolean;
}

export interface Segment {
  readonly weight: ValueId;
  readonly bias?: ValueId;
  readonly residual?: ValueId;
  readonly output: ValueId;
}

const MOST_SEGMENTS = 3;

type Matmul = Extract<Op, { op: "matmul" }>;
type Norm = Extract<Op, { op: "rms_norm" }>;

export function fuse(graph: Graph): Step[] {
  const { ops } = graph;
  const consumers = consumersOf(graph);
  const norms = new Map<ValueId, Norm>();
  const steps: Step[] = [];

  for (let i = 0; i < ops.length; i++) {
    const op = ops[i];
    if (op.op === "rms_norm" && op.params.groups === 1 && feedsOnlyProducts(op, consumers)) {
      norms.set(op.output, op);
    } else if (op.op === "matmul") {
      const group = productsOnSameInput(ops, i);
      const step = matmulStep(graph, group, ops, i + group.length, consumers, norms);
      steps.push(step.step);
      i += step.taken - 1;
    } else if (op.op === "attention" || op.op === "expert_matmul") {
      steps.push({ kind: op.op, domain: domainOf(graph, op.output), op } as Step);
    } else {
      appendRowOp(graph, steps, op);
    }
  }
  return steps;
}

/** Everything a step reads and writes, so that buffers can be shared between values that never live together. */
export function stepValues(step: Step): { reads: ValueId[]; writes: ValueId[] } {
  if (step.kind === "matmul") {
    const reads = [step.x, ...step.segments.flatMap((s) => (s.residual === undefined ? [] : [s.residual]))];
    return { reads, writes: step.glu ? [step.segments[0].output] : step.segments.map((s) => s.output) };
  }
  const ops: readonly Op[] = step.kind === "rows" ? step.ops : [step.op];
  return {
    reads: ops.flatMap((op) => [...op.inputs]),
    writes: ops.flatMap((op) => (op.output === null ? [] : [op.output])),
  };
}

function consumersOf(graph: Graph): Map<ValueId, Op[]> {
  const consumers = new Map<ValueId, Op[]>();
  for (const op of graph.ops)
    for (const input of op.inputs) consumers.set(input, [...(consumers.get(input) ?? []), op]);
  return consumers;
}

function feedsOnlyProducts(norm: Norm, consumers: Map<ValueId, Op[]>): boolean {
  return (consumers.get(norm.output) ?? []).every((op) => op.op === "matmul" && op.inputs[0] === norm.output);
}

function productsOnSameInput(ops: readonly Op[], first: number): Matmul[] {
  const group: Matmul[] = [];
  for (let i = first; i < ops.length && group.length < MOST_SEGMENTS; i++) {
    const op = ops[i];
    if (op.op !== "matmul" || op.inputs[0] !== (ops[first] as Matmul).inputs[0]) break;
    group.push(op);
  }
  return group;
}

function matmulStep(
  graph: Graph,
  group: Matmul[],
  ops: readonly Op[],
  next: number,
  consumers: Map<ValueId, Op[]>,
  norms: Map<ValueId, Norm>,
): { step: MatmulStep; taken: number } {
  const source = group[0].inputs[0];
  const normed = norms.get(source);
  const base = {
    kind: "matmul" as const,
    domain: domainOf(graph, group[0].output),
    x: normed ? normed.inputs[0] : source,
    norm: normed && { weight: normed.inputs[1], eps: normed.params.eps },
  };
  const follower = ops[next];
  const only = (value: ValueId) => consumers.get(value)?.length === 1 && value !== graph.output;
  const segment = (op: Matmul): Segment => ({ weight: op.inputs[1], bias: op.inputs[2], output: op.output });

  if (
    group.length === 2 &&
    follower?.op === "glu" &&
    group.every((op, i) => only(op.output) && follower.inputs[i] === op.output)
  ) {
    const segments = group.map((op) => ({ ...segment(op), output: follower.output }));
    return { step: { ...base, segments, glu: true }, taken: 3 };
  }
  if (group.length === 1 && follower?.op === "add" && only(group[0].output)) {
    const [a, b] = follower.inputs;
    const residual = a === group[0].output ? b : a;
    if (a !== b && (a === group[0].output || b === group[0].output)) {
      const segments = [{ ...segment(group[0]), residual, output: follower.output }];
      return { step: { ...base, segments, glu: false }, taken: 2 };
    }
  }
  return { step: { ...base, segments: group.map(segment), glu: false }, taken: group.length };
}

function appendRowOp(graph: Graph, steps: Step[], op: RowOp): void {
  // Selected rows are other rows than those the step before worked on.
  const domain = op.output === null ? "tokens" : domainOf(graph, op.output);
  const last = steps.at(-1);
  if (last?.kind === "rows" && last.domain === domain) steps[steps.length - 1] = { ...last, ops: [...last.ops, op] };
  else steps.push({ kind: "rows", domain, ops: [op] });
}

export function domainOf(graph: Graph, value: ValueId): Domain {
  const v = graph.values[value];
  if (v.kind !== "activation") throw new WebggufError("internal", `Value ${value} is not an activation.`);
  return v.rows;
}
