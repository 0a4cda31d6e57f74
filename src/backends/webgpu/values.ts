import type { Graph, ValueId } from "../../core/graph.ts";
import { type GpuStep, madeBy, readBy } from "./steps.ts";
import type { View } from "./views.ts";

/** Places for the activations of a graph: a buffer serves one after another those that never live together. */
export function placeValues(
  graph: Graph,
  steps: readonly GpuStep[],
  rows: { readonly tokens: number; readonly outputs: number },
  allocate: (bytes: number, label: string) => GPUBuffer,
): ReadonlyMap<ValueId, View> {
  const views = new Map<ValueId, View>();
  const lastUse = new Map<GPUBuffer, number>();
  const lastRead = lastReads(graph, steps);
  const free: GPUBuffer[] = [];

  steps.forEach((step, index) => {
    const { groups, inPlace } = madeBy(step);
    for (const group of groups) {
      const values = group.map((id) => activation(graph, id));
      const stride = values.reduce((sum, value) => sum + value.width, 0);
      const bytes = stride * 4 * rows[values[0].rows];
      const buffer = takeFree(free, bytes) ?? allocate(bytes, values.map((v) => v.name).join(" "));
      let offset = 0;
      group.forEach((id, i) => {
        views.set(id, { buffer, offset, stride });
        offset += values[i].width;
      });
      lastUse.set(buffer, Math.max(index, ...group.map((id) => lastRead.get(id) ?? index)));
    }
    for (const [output, input] of inPlace) {
      const view = views.get(input)!;
      views.set(output, view);
      lastUse.set(view.buffer, Math.max(lastUse.get(view.buffer) ?? index, lastRead.get(output) ?? index));
    }
    for (const [buffer, last] of lastUse) {
      if (last > index) continue;
      lastUse.delete(buffer);
      free.push(buffer);
    }
  });
  return views;
}

/** The smallest that is large enough and not more than twice that. */
function takeFree(free: GPUBuffer[], bytes: number): GPUBuffer | undefined {
  const fitting = free.filter((b) => b.size >= bytes && b.size <= 2 * bytes).sort((a, b) => a.size - b.size);
  const [buffer] = fitting;
  if (buffer) free.splice(free.indexOf(buffer), 1);
  return buffer;
}

function lastReads(graph: Graph, steps: readonly GpuStep[]): Map<ValueId, number> {
  const last = new Map<ValueId, number>();
  steps.forEach((step, index) => {
    for (const id of readBy(step)) last.set(id, index);
  });
  last.set(graph.output, steps.length);
  // With one token its row is the one that is wanted, and is read where it lies.
  for (const step of steps) {
    if (step.kind !== "op" || step.op.op !== "select_outputs") continue;
    const [x] = step.op.inputs;
    last.set(x, Math.max(last.get(x) ?? 0, last.get(step.op.output) ?? 0));
  }
  return last;
}

function activation(graph: Graph, id: ValueId) {
  const value = graph.values[id];
  if (value.kind !== "activation") throw new Error(`Value ${id} is not an activation.`);
  return value;
}
