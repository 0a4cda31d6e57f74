import type { Op, ValueId } from "../../core/graph.ts";
import type { CacheType, RunRequest } from "../backend.ts";
import type { Cache } from "./cache.ts";
import type { Matrix, Tensor } from "./matrix.ts";
import { add } from "./ops/add.ts";
import { attention } from "./ops/attention.ts";
import { embed } from "./ops/embed.ts";
import { expertMatmul } from "./ops/expert-matmul.ts";
import { expertSum } from "./ops/expert-sum.ts";
import { glu } from "./ops/glu.ts";
import { kvAppend } from "./ops/kv-append.ts";
import { matmul } from "./ops/matmul.ts";
import { rmsNorm } from "./ops/rms-norm.ts";
import { rope } from "./ops/rope.ts";
import { route } from "./ops/route.ts";
import { selectOutputs } from "./ops/select-outputs.ts";
import type { Steps } from "./steps.ts";

/** What ops read and write during one run. */
export interface RunState {
  readonly weights: ReadonlyMap<ValueId, Tensor>;
  readonly caches: readonly Cache[];
  readonly cacheType: CacheType;
  readonly request: RunRequest;
  /** The activations that are alive. */
  readonly activations: Map<ValueId, Matrix>;
}

/** The computation of one op, from its inputs in `state` to `y`, its output (unused by ops that have none). */
export function execute(op: Op, state: RunState, y: Matrix): Steps {
  const { tokens, position, outputs } = state.request;
  const x = (id: ValueId): Matrix => found(state.activations.get(id), id);
  const w = (id: ValueId): Tensor => found(state.weights.get(id), id);
  const optional = (id: ValueId | undefined): Tensor | undefined => (id === undefined ? undefined : w(id));
  const { inputs } = op;
  switch (op.op) {
    case "embed":
      return embed(tokens, w(op.inputs[0]), y);
    case "rms_norm":
      return rmsNorm(x(op.inputs[0]), w(op.inputs[1]), op.params, y);
    case "matmul":
      return matmul(x(op.inputs[0]), w(op.inputs[1]), optional(inputs[2]), y);
    case "rope":
      return rope(x(op.inputs[0]), optional(inputs[1]), position, op.params, y);
    case "kv_append":
      return kvAppend(x(op.inputs[0]), x(op.inputs[1]), state.caches[op.params.layer], position, state.cacheType);
    case "attention":
      return attention(x(op.inputs[0]), optional(inputs[1]), state.caches[op.params.layer], position, op.params, y);
    case "glu":
      return glu(x(op.inputs[0]), x(op.inputs[1]), y);
    case "add":
      return add(x(op.inputs[0]), x(op.inputs[1]), y);
    case "select_outputs":
      return selectOutputs(x(op.inputs[0]), outputs, y);
    case "route":
      return route(x(op.inputs[0]), op.params, y);
    case "expert_matmul":
      return expertMatmul(x(op.inputs[0]), w(op.inputs[1]), x(op.inputs[2]), op.params, y);
    case "expert_sum":
      return expertSum(x(op.inputs[0]), x(op.inputs[1]), op.params, y);
  }
}

function found<T>(value: T | undefined, id: ValueId): T {
  if (value === undefined) throw new Error(`The graph reads value ${id} before it is made.`);
  return value;
}
