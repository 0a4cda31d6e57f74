import { WebggufError } from "../../core/errors.ts";
import type {
  Activation,
  AttentionParams,
  CacheLayer,
  Graph,
  Op,
  RopeParams,
  Value,
  ValueId,
  Weight,
} from "../../core/graph.ts";
import type { TensorInfo } from "../../core/source.ts";

/**
 * Writes a graph, op by op. Each method appends one op and returns the value it makes. Weights are named as in the
 * file, without the suffix: `linear(x, "blk.0.attn_q", 512)` uses `blk.0.attn_q.weight`, and `.bias` if there is one.
 *
 * A weight that the file lacks throws `missing-tensor`; one of another shape than the model needs throws `malformed`.
 */
export class GraphBuilder {
  readonly #tensors: ReadonlyMap<string, TensorInfo>;
  readonly #values: Value[] = [];
  readonly #ops: Op[] = [];
  readonly #cacheLayers: CacheLayer[] = [];
  readonly #weights = new Map<string, ValueId>();

  constructor(tensors: ReadonlyMap<string, TensorInfo>) {
    this.#tensors = tensors;
  }

  /** Whether the file holds a tensor of this full name. */
  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  /** The tensor `name` (full name), which must have the dimensions `shape` in ggml's order. */
  weight(name: string, shape: readonly number[]): ValueId {
    const known = this.#weights.get(name);
    const tensor = this.#tensors.get(name);
    if (!tensor) {
      throw new WebggufError(
        "missing-tensor",
        `The file has no tensor "${name}" (expected shape ${shapeText(shape)}). It is incomplete or was converted for another program.`,
      );
    }
    if (!sameShape(tensor.shape, shape)) {
      throw new WebggufError(
        "malformed",
        `Tensor "${name}" has shape ${shapeText(tensor.shape)}, but the file's metadata ask for ${shapeText(shape)}.`,
      );
    }
    if (known !== undefined) return known;
    this.#refuseScale(name);
    const weight: Weight = { kind: "weight", name, dtype: tensor.dtype, shape };
    const id = this.#values.push(weight) - 1;
    this.#weights.set(name, id);
    return id;
  }

  /** The rows of a table (width, vocabulary) that the tokens name. */
  embed(table: ValueId): ValueId {
    const weight = this.#weightAt(table);
    const output = this.#activation({ name: "token_embd", width: weight.shape[0], rows: "tokens" });
    return this.#append({ op: "embed", inputs: [table], output, params: {} });
  }

  /** RMS norm of each of `groups` equal parts of a row, all with the same weight. */
  rmsNorm(x: ValueId, name: string, params: { eps: number; groups?: number }): ValueId {
    const { width, rows } = this.#activationAt(x);
    const { eps, groups = 1 } = params;
    const weight = this.weight(`${name}.weight`, [width / groups]);
    return this.#append({
      op: "rms_norm",
      inputs: [x, weight],
      output: this.#activation({ name, width, rows }),
      params: { eps, groups },
    });
  }

  /** W·x, plus the bias if the file has one; `width` is the number of outputs. */
  linear(x: ValueId, name: string, width: number): ValueId {
    const weight = this.weight(`${name}.weight`, [this.#activationAt(x).width, width]);
    const bias = this.has(`${name}.bias`) ? this.weight(`${name}.bias`, [width]) : undefined;
    return this.matmul(x, weight, { name, bias });
  }

  matmul(x: ValueId, weight: ValueId, { name, bias }: { name: string; bias?: ValueId }): ValueId {
    const output = this.#activation({
      name,
      width: this.#weightAt(weight).shape[1],
      rows: this.#activationAt(x).rows,
    });
    return this.#append({
      op: "matmul",
      inputs: bias === undefined ? [x, weight] : [x, weight, bias],
      output,
      params: {},
    });
  }

  rope(x: ValueId, params: RopeParams, divisors?: ValueId): ValueId {
    const { name, width, rows } = this.#activationAt(x);
    return this.#append({
      op: "rope",
      inputs: divisors === undefined ? [x] : [x, divisors],
      output: this.#activation({ name: `${name}_rope`, width, rows }),
      params,
    });
  }

  /** Opens a K/V cache, appends k and v to it and returns its index. */
  kvAppend(k: ValueId, v: ValueId): number {
    const cache = { keyWidth: this.#activationAt(k).width, valueWidth: this.#activationAt(v).width };
    const layer = this.#cacheLayers.push(cache) - 1;
    this.#ops.push({ op: "kv_append", inputs: [k, v], output: null, params: { layer } });
    return layer;
  }

  attention(q: ValueId, name: string, params: AttentionParams): ValueId {
    const width = params.heads * params.valueSize;
    const output = this.#activation({ name, width, rows: this.#activationAt(q).rows });
    return this.#append({ op: "attention", inputs: [q], output, params });
  }

  /** silu(gate) · up. */
  swiglu(gate: ValueId, up: ValueId, name: string): ValueId {
    const output = this.#activation({ ...this.#activationAt(gate), name });
    return this.#append({ op: "glu", inputs: [gate, up], output, params: { activation: "silu" } });
  }

  add(a: ValueId, b: ValueId, name: string): ValueId {
    const output = this.#activation({ ...this.#activationAt(a), name });
    return this.#append({ op: "add", inputs: [a, b], output, params: {} });
  }

  /** Keeps the rows whose logits are wanted. */
  selectOutputs(x: ValueId): ValueId {
    const { name, width } = this.#activationAt(x);
    const output = this.#activation({ name: `${name}_selected`, width, rows: "outputs" });
    return this.#append({ op: "select_outputs", inputs: [x], output, params: {} });
  }

  /** Picks the `used` likeliest of the experts that `logits` has a number for. */
  route(logits: ValueId, used: number, name: string): ValueId {
    const { width: experts, rows } = this.#activationAt(logits);
    const output = this.#activation({ name, width: 2 * used, rows });
    return this.#append({ op: "route", inputs: [logits], output, params: { experts, used } });
  }

  /** One product per picked expert, with the tensor `${name}.weight` of shape (in, out, experts). */
  expertLinear(x: ValueId, routes: ValueId, name: string, shape: readonly [number, number, number]): ValueId {
    const used = this.#activationAt(routes).width / 2;
    const output = this.#activation({ name, width: used * shape[1], rows: this.#activationAt(x).rows });
    const weight = this.weight(`${name}.weight`, shape);
    return this.#append({ op: "expert_matmul", inputs: [x, weight, routes], output, params: { used } });
  }

  /** Weighted sum of the picked experts' rows. */
  expertSum(y: ValueId, routes: ValueId, name: string): ValueId {
    const used = this.#activationAt(routes).width / 2;
    const { width, rows } = this.#activationAt(y);
    const output = this.#activation({ name, width: width / used, rows });
    return this.#append({ op: "expert_sum", inputs: [y, routes], output, params: { used } });
  }

  /** The finished graph; `output` is the value that holds the logits. */
  build(output: ValueId): Graph {
    return { values: this.#values, ops: this.#ops, output, cacheLayers: this.#cacheLayers };
  }

  /** NVFP4 conversions may keep a factor for a whole matrix in a tensor of its own, which no op applies. */
  #refuseScale(name: string): void {
    const scale = name.replace(/\.weight$/, ".scale");
    if (scale === name || !this.has(scale)) return;
    throw new WebggufError(
      "unsupported-quantization",
      `The file scales "${name}" by a tensor "${scale}", which cannot be run yet. Use a file without such scales.`,
    );
  }

  #append(op: Exclude<Op, { output: null }>): ValueId {
    this.#ops.push(op);
    return op.output;
  }

  #activation(activation: Omit<Activation, "kind">): ValueId {
    return this.#values.push({ ...activation, kind: "activation" }) - 1;
  }

  #activationAt(id: ValueId): Activation {
    const value = this.#values[id];
    if (value?.kind !== "activation") throw new WebggufError("internal", `Value ${id} is not an activation.`);
    return value;
  }

  #weightAt(id: ValueId): Weight {
    const value = this.#values[id];
    if (value?.kind !== "weight") throw new WebggufError("internal", `Value ${id} is not a weight.`);
    return value;
  }
}

/** Dimensions that are not written are 1. */
function sameShape(a: readonly number[], b: readonly number[]): boolean {
  const rank = Math.max(a.length, b.length);
  for (let i = 0; i < rank; i++) if ((a[i] ?? 1) !== (b[i] ?? 1)) return false;
  return true;
}

function shapeText(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}
