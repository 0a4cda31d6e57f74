import type { Graph, ValueId } from "../../core/graph.ts";
import { type Step, stepValues } from "../graph-utils/fuse.ts";

/** Where each activation lies in the scratch area, in bytes from its start. */
export interface ArenaLayout {
  readonly offsets: ReadonlyMap<ValueId, number>;
  readonly bytes: number;
}

const ALIGN = 64;

/**
 * Lays activations out so that those that never live together share their place. A value takes the place of an input
 * of its own width that dies with the operation that makes it (a residual stream, a rotation), everything else the first
 * gap that fits.
 */
export function layOut(graph: Graph, steps: readonly Step[], rows: { tokens: number; outputs: number }): ArenaLayout {
  const lastUse = new Map<ValueId, number>();
  steps.forEach((step, i) => {
    const { reads, writes } = stepValues(step);
    for (const value of [...reads, ...writes]) lastUse.set(value, i);
  });
  lastUse.set(graph.output, steps.length);

  const sizeOf = (value: ValueId) => {
    const v = graph.values[value];
    if (v.kind !== "activation") return 0;
    return Math.ceil((v.width * rows[v.rows] * 4) / ALIGN) * ALIGN;
  };
  const offsets = new Map<ValueId, number>();
  const live = new Map<ValueId, { offset: number; bytes: number }>();
  let bytes = 0;

  const place = (value: ValueId) => {
    const size = sizeOf(value);
    let offset = 0;
    for (const block of [...live.values()].sort((a, b) => a.offset - b.offset)) {
      if (block.offset - offset >= size) break;
      offset = Math.max(offset, block.offset + block.bytes);
    }
    offsets.set(value, offset);
    live.set(value, { offset, bytes: size });
    bytes = Math.max(bytes, offset + size);
  };

  steps.forEach((step, i) => {
    for (const [output, inputs] of makers(step)) {
      if (offsets.has(output)) continue;
      const heir = inputs.find(
        (input) =>
          live.has(input) &&
          lastUse.get(input) === i &&
          !usedLater(step, output, input) &&
          sameWidth(graph, input, output),
      );
      if (heir === undefined) {
        place(output);
      } else {
        offsets.set(output, offsets.get(heir)!);
        live.set(output, live.get(heir)!);
        live.delete(heir);
      }
    }
    for (const value of [...live.keys()]) if ((lastUse.get(value) ?? i) <= i) live.delete(value);
  });
  return { offsets, bytes };
}

/** Each value a step makes, with the inputs whose place it may take: those read and written element by element. */
function makers(step: Step): [ValueId, ValueId[]][] {
  if (step.kind === "matmul") {
    const segments = step.glu ? step.segments.slice(0, 1) : step.segments;
    return segments.map((s) => [s.output, s.residual === undefined ? [] : [s.residual]]);
  }
  if (step.kind !== "rows") return [[step.op.output, []]];
  return step.ops.flatMap((op): [ValueId, ValueId[]][] => {
    if (op.output === null) return [];
    const inPlace =
      op.op === "rms_norm" || op.op === "rope"
        ? [op.inputs[0]]
        : op.op === "add" || op.op === "glu"
          ? [...op.inputs]
          : [];
    return [[op.output, inPlace]];
  });
}

/** Whether an operation of the same step, after the one that makes `output`, still reads `input`. */
function usedLater(step: Step, output: ValueId, input: ValueId): boolean {
  if (step.kind === "matmul") return step.x === input;
  if (step.kind !== "rows") return false;
  const made = step.ops.findIndex((op) => op.output === output);
  return step.ops.slice(made + 1).some((op) => (op.inputs as readonly ValueId[]).includes(input));
}

function sameWidth(graph: Graph, a: ValueId, b: ValueId): boolean {
  const [va, vb] = [graph.values[a], graph.values[b]];
  return va.kind === "activation" && vb.kind === "activation" && va.width === vb.width && va.rows === vb.rows;
}
