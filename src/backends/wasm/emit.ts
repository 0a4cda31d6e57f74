import { DTYPES } from "../../core/dtype.ts";
import { WebggufError } from "../../core/errors.ts";
import type { Graph, ValueId } from "../../core/graph.ts";
import type { CompileOptions } from "../backend.ts";
import type { Domain, MatmulStep, RowOp, Segment, Step } from "../graph-utils/fuse.ts";
import { type Layout, rotationKey } from "./layout.ts";
import { type RecordData, recordBytes, type StepName, writeRecord } from "./records.ts";
import { formOf, type WeightPlace } from "./weights.ts";

/** A step's records: its own, then (for `rows`) those of its operations. */
type Emitted = readonly RecordData[];

/** The ticket of wasm/runtime.c has twelve bits for the step. */
const MOST_STEPS = 0xfff;

const DOMAIN: Record<Domain, number> = { tokens: 0, outputs: 1 };

/** How many bytes the program of these steps takes, without knowing any address. */
export function programBytes(steps: readonly Step[]): number {
  let bytes = 0;
  for (const step of steps) {
    for (const name of stepNames(step)) bytes += recordBytes(name) + 8;
    if (step.kind === "rows") for (const op of step.ops) bytes += recordBytes(op.op);
  }
  return bytes;
}

/** The steps of the program that a step of the graph becomes. */
export function stepNames(step: Step): StepName[] {
  if (step.kind === "matmul") return ["quantize", "matmul"];
  return step.kind === "attention" ? ["attention", "attention_merge"] : [step.kind];
}

export interface EmitOptions extends CompileOptions {
  /** Whether Q8_0 multiplies whole bytes, see `DotKinds.full`. */
  readonly wholeBytes: boolean;
}

/** Writes the program at `layout.programAt` and returns the number of its steps. */
export function emitProgram(
  view: DataView,
  graph: Graph,
  steps: readonly Step[],
  layout: Layout,
  options: EmitOptions,
): number {
  const emitter = new Emitter(graph, layout, options);
  const count = steps.reduce((n, step) => n + stepNames(step).length, 0);
  if (count > MOST_STEPS) {
    throw new WebggufError(
      "invalid-argument",
      `The model's program has ${count} steps; the CPU path has room for ${MOST_STEPS}. No model so deep is known: the file is probably damaged.`,
    );
  }
  let at = layout.programAt + count * 8;
  let index = 0;
  for (const step of steps) {
    for (const records of emitter.emit(step, at)) {
      view.setBigInt64(layout.programAt + index++ * 8, BigInt(at), true);
      for (const record of records) {
        writeRecord(view, at, record);
        at += recordBytes(record.name);
      }
    }
  }
  return count;
}

class Emitter {
  readonly #graph: Graph;
  readonly #layout: Layout;
  readonly #options: EmitOptions;

  constructor(graph: Graph, layout: Layout, options: EmitOptions) {
    this.#graph = graph;
    this.#layout = layout;
    this.#options = options;
  }

  emit(step: Step, at: number): Emitted[] {
    switch (step.kind) {
      case "rows":
        return [
          [
            { name: "rows", fields: { domain: DOMAIN[step.domain], op_count: step.ops.length } },
            ...step.ops.map((op) => this.#rowOp(op)),
          ],
        ];
      case "matmul":
        return this.#matmul(step, at);
      case "expert_matmul":
        return [[this.#expertMatmul(step.op.inputs, step.op.output, step.op.params.used, step.domain)]];
      case "attention":
        return this.#attention(step.op);
    }
  }

  #matmul(step: MatmulStep, at: number): Emitted[] {
    const places = step.segments.map((s) => this.#place(s.weight));
    const width = places[0].rowLength;
    const domain = DOMAIN[step.domain];
    const quantize: RecordData = {
      name: "quantize",
      fields: {
        domain,
        x: this.#at(step.x),
        norm: step.norm ? this.#at(step.norm.weight) : 0,
        eps: step.norm?.eps ?? 0,
        width,
        forms: places.reduce((forms, place) => forms | formOf(place.weight.dtype, this.#options.wholeBytes), 0),
        packed: this.#layout.packedAt,
      },
    };
    const fields: Record<string, number> = {
      domain,
      act: at,
      width,
      glu: Number(step.glu),
    };
    for (let i = 0; i < 3; i++) {
      for (const [name, value] of Object.entries(this.#segment(step.segments[i]))) fields[`${name}${i}`] = value;
    }
    return [[quantize], [{ name: "matmul", fields }]];
  }

  #segment(segment: Segment | undefined): Record<string, number> {
    if (!segment) return { w: 0, type: 0, row_bytes: 0, rows: 0, bias: 0, residual: 0, out: 0 };
    const place = this.#place(segment.weight);
    return {
      w: this.#layout.weightsAt + place.offset,
      type: DTYPES[place.weight.dtype].id,
      row_bytes: place.kind === "strips" ? 0 : place.rowBytes,
      rows: place.rows,
      bias: segment.bias === undefined ? 0 : this.#at(segment.bias),
      residual: segment.residual === undefined ? 0 : this.#at(segment.residual),
      out: this.#at(segment.output),
    };
  }

  #expertMatmul(
    [x, w, routes]: readonly [ValueId, ValueId, ValueId],
    output: ValueId,
    used: number,
    domain: Domain,
  ): RecordData {
    const place = this.#place(w);
    return {
      name: "expert_matmul",
      fields: {
        domain: DOMAIN[domain],
        x: this.#at(x),
        x_width: this.#width(x),
        width: place.rowLength,
        w: this.#at(w),
        type: DTYPES[place.weight.dtype].id,
        row_bytes: place.kind === "strips" ? 0 : place.rowBytes,
        rows: place.rows,
        expert_bytes: place.matrixBytes,
        routes: this.#at(routes),
        used,
        out: this.#at(output),
      },
    };
  }

  #attention(op: Extract<Step, { kind: "attention" }>["op"]): Emitted[] {
    const { layer, heads, kvHeads, headSize, valueSize, scale, window = 0, softcap = 0 } = op.params;
    const [q, sinks] = op.inputs;
    const common = {
      out: this.#at(op.output),
      partials: this.#layout.partialsAt,
      heads,
      kv_heads: kvHeads,
      value_size: valueSize,
      window,
      sinks: sinks === undefined ? 0 : this.#at(sinks),
    };
    const cache = this.#layout.caches[layer];
    const attention = {
      ...common,
      q: this.#at(q),
      k_cache: cache.keys,
      v_cache: cache.values,
      head_size: headSize,
      scale,
      softcap,
      half: Number(this.#options.cacheType === "f16"),
      context: this.#layout.cachePositions,
    };
    return [[{ name: "attention", fields: attention }], [{ name: "attention_merge", fields: common }]];
  }

  #rowOp(op: RowOp): RecordData {
    switch (op.op) {
      case "embed": {
        const place = this.#place(op.inputs[0]);
        return {
          name: "embed",
          fields: {
            w: this.#at(op.inputs[0]),
            type: DTYPES[place.weight.dtype].id,
            row_bytes: place.kind === "strips" ? 0 : place.rowBytes,
            width: place.rowLength,
            out: this.#at(op.output),
          },
        };
      }
      case "rms_norm": {
        const [x, weight] = op.inputs;
        const { groups, eps } = op.params;
        return {
          name: "rms_norm",
          fields: {
            x: this.#at(x),
            weight: this.#at(weight),
            out: this.#at(op.output),
            width: this.#width(x),
            groups,
            eps,
          },
        };
      }
      case "rope": {
        const { heads, headSize, rotaryDims, pairing } = op.params;
        const key = rotationKey(op.params, op.inputs[1]);
        const table = this.#layout.ropeTables.find((t) => rotationKey(t.params, t.divisors) === key)!.at;
        return {
          name: "rope",
          fields: {
            x: this.#at(op.inputs[0]),
            out: this.#at(op.output),
            table,
            heads,
            head_size: headSize,
            rotary_dims: rotaryDims,
            halves: Number(pairing === "halves"),
          },
        };
      }
      case "kv_append": {
        const { layer } = op.params;
        const attention = this.#attentionOf(layer);
        const cache = this.#layout.caches[layer];
        return {
          name: "kv_append",
          fields: {
            k: this.#at(op.inputs[0]),
            v: this.#at(op.inputs[1]),
            k_cache: cache.keys,
            v_cache: cache.values,
            kv_heads: attention.kvHeads,
            head_size: attention.headSize,
            value_size: attention.valueSize,
            half: Number(this.#options.cacheType === "f16"),
            context: this.#layout.cachePositions,
          },
        };
      }
      case "glu": {
        const [gate, up] = op.inputs;
        return {
          name: "glu",
          fields: { gate: this.#at(gate), up: this.#at(up), out: this.#at(op.output), width: this.#width(gate) },
        };
      }
      case "add": {
        const [a, b] = op.inputs;
        return {
          name: "add",
          fields: { a: this.#at(a), b: this.#at(b), out: this.#at(op.output), width: this.#width(a) },
        };
      }
      case "select_outputs":
        return {
          name: "select_outputs",
          fields: { x: this.#at(op.inputs[0]), out: this.#at(op.output), width: this.#width(op.output) },
        };
      case "route":
        return { name: "route", fields: { logits: this.#at(op.inputs[0]), out: this.#at(op.output), ...op.params } };
      case "expert_sum": {
        const [y, routes] = op.inputs;
        return {
          name: "expert_sum",
          fields: {
            y: this.#at(y),
            routes: this.#at(routes),
            out: this.#at(op.output),
            width: this.#width(op.output),
            used: op.params.used,
          },
        };
      }
    }
  }

  #attentionOf(layer: number) {
    for (const op of this.#graph.ops) if (op.op === "attention" && op.params.layer === layer) return op.params;
    throw new WebggufError("internal", `Cache ${layer} is filled but no attention reads it.`);
  }

  #place(value: ValueId): WeightPlace {
    const place = this.#layout.weights.get(value);
    if (!place) throw new WebggufError("internal", `Value ${value} is not a weight.`);
    return place;
  }

  #at(value: ValueId): number {
    const place = this.#layout.weights.get(value);
    if (place) return this.#layout.weightsAt + place.offset;
    const offset = this.#layout.arena.offsets.get(value);
    if (offset === undefined) throw new WebggufError("internal", `Value ${value} has no place in memory.`);
    return this.#layout.arenaAt + offset;
  }

  #width(value: ValueId): number {
    const v = this.#graph.values[value];
    return v.kind === "activation" ? v.width : v.shape[0];
  }
}
