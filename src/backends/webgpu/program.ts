import type { Graph, ValueId } from "../../core/graph.ts";
import type { CompileOptions } from "../backend.ts";
import type { Domain } from "../graph-utils/fuse.ts";
import { domainOf } from "../graph-utils/fuse.ts";
import type { Dispatch } from "./kernel.ts";
import { type AttentionCall, attentionDecode, attentionPrefill } from "./kernels/attention.ts";
import { expertMatmul, matmul, matvec, type Product } from "./kernels/matmul.ts";
import { ropeAppend } from "./kernels/rope.ts";
import { add, embed, expertSum, glu, rmsNorm, route, selectOutputs } from "./kernels/rows.ts";
import type { Scratch } from "./scratch.ts";
import { type GpuStep, type RotateStep, rotationKey, type Turned } from "./steps.ts";
import type { Make } from "./trust.ts";
import type { View } from "./views.ts";
import { type MatrixPlace, type Placed, weightOf } from "./weights.ts";

/** A dispatch and which rows it is for. */
export interface Task {
  readonly dispatch: Dispatch;
  readonly domain: Domain;
}

export interface ProgramParts {
  readonly graph: Graph;
  readonly steps: readonly GpuStep[];
  readonly options: CompileOptions;
  /** Makes a call's dispatches in the variant that is to be used. */
  choose(make: Make): readonly Dispatch[];
  readonly values: ReadonlyMap<ValueId, View>;
  readonly weights: Placed;
  readonly caches: readonly { readonly k: GPUBuffer; readonly v: GPUBuffer }[];
  readonly tokens: GPUBuffer;
  readonly step: GPUBuffer;
  /** First words of rotation tables in the step buffer, by `rotationKey`. */
  readonly rotations: ReadonlyMap<string, number>;
  readonly scratch: Scratch;
}

/** The dispatches of a run: `one` token and output, or a batch of them. */
export function buildProgram(parts: ProgramParts, form: "one" | "batch"): Task[] {
  const builder = new ProgramBuilder(parts, form);
  return parts.steps.flatMap((step) => {
    parts.scratch.nextStep();
    return builder.build(step);
  });
}

const ROWS_WORD = { tokens: 1, outputs: 2 } as const;

class ProgramBuilder {
  readonly #parts: ProgramParts;
  readonly #form: "one" | "batch";
  /** Values that stand for the only row of another. */
  readonly #selected = new Map<ValueId, ValueId>();

  constructor(parts: ProgramParts, form: "one" | "batch") {
    this.#parts = parts;
    this.#form = form;
  }

  build(step: GpuStep): Task[] {
    switch (step.kind) {
      case "matmul":
        return this.#matmul(step);
      case "rotate":
        return this.#rotate(step);
      case "attention":
        return this.#attention(step.op);
      case "expert_matmul":
        return this.#expertMatmul(step.op);
      case "op":
        return this.#op(step);
    }
  }

  /** Attempts share their scratch buffers. */
  #choose(make: Make): readonly Dispatch[] {
    const restart = this.#parts.scratch.checkpoint();
    return this.#parts.choose((variants, tuning) => {
      restart();
      return make(variants, tuning);
    });
  }

  #view(id: ValueId): View {
    return this.#parts.values.get(this.#selected.get(id) ?? id)!;
  }

  #matrix(id: ValueId): MatrixPlace {
    return this.#parts.weights.places.get(id) as MatrixPlace;
  }

  /** Norms and biases of their own. */
  #floats(id: ValueId): GPUBuffer {
    const place = this.#parts.weights.places.get(id);
    if (place?.kind !== "floats" || place.offset) throw new Error(`Weight ${id} has no buffer of its own.`);
    return place.buffer;
  }

  #label(id: ValueId): string {
    return this.#parts.graph.values[id].name;
  }

  #matmul({ step }: Extract<GpuStep, { kind: "matmul" }>): Task[] {
    const { step: stepBuffer } = this.#parts;
    const { segments, domain, norm } = step;
    const places = segments.map((s) => this.#matrix(s.weight));
    const bias = this.#parts.weights.biases.get(segments[0].weight);
    const residual = segments[0].residual;
    const width = places[0].width;
    const label = segments.map((s) => this.#label(s.output)).join(" ");
    const tasks: Task[] = [];
    let x = this.#view(step.x);
    if (norm && this.#form === "batch") {
      const rows = domain === "tokens" ? this.#parts.options.batchSize : this.#parts.options.outputRows;
      const normed: View = { buffer: this.#parts.scratch.take(rows * width * 4, "normed"), offset: 0, stride: width };
      const dispatch = rmsNorm({
        label: `${label} norm`,
        x,
        out: normed,
        weight: this.#floats(norm.weight),
        width,
        groups: 1,
        eps: norm.eps,
        step: stepBuffer,
        rowsWord: ROWS_WORD[domain],
      });
      tasks.push({ dispatch, domain });
      x = normed;
    }
    const base = {
      label,
      x,
      width,
      norm: norm && this.#form === "one" ? { weight: this.#floats(norm.weight), eps: norm.eps } : undefined,
      glu: step.glu,
      step: stepBuffer,
      rowsWord: ROWS_WORD[domain],
    };
    const out = this.#view(segments[0].output);
    const products: Product[] = places.every((p) => p.parts.length === 1)
      ? [
          {
            ...base,
            matrices: places.map((p) => p.parts[0].matrix),
            bias: bias && { buffer: bias, offset: 0 },
            residual: residual === undefined ? undefined : this.#view(residual),
            out,
          },
        ]
      : this.#byParts(
          base,
          step.glu,
          segments.map((s, i) => ({ place: places[i], out: this.#view(s.output) })),
          bias,
          residual,
        );
    const tools = {
      batch: domain === "tokens" ? this.#parts.options.batchSize : this.#parts.options.outputRows,
      scratch: (bytes: number, name: string) => this.#parts.scratch.take(bytes, name),
    };
    for (const product of products) {
      const dispatches = this.#choose((variants, tuning) =>
        this.#form === "one"
          ? [matvec(product, variants, tuning.matvec(product, variants))]
          : matmul(product, variants, tools, tuning.matmul(product, variants)),
      );
      tasks.push(...dispatches.map((dispatch) => ({ dispatch, domain })));
    }
    return tasks;
  }

  /** Matrices over the binding limit: a product for each part. The halves of gate · up are split alike. */
  #byParts(
    base: Omit<Product, "matrices" | "out">,
    isGlu: boolean,
    segments: readonly { place: MatrixPlace; out: View }[],
    bias: GPUBuffer | undefined,
    residual: ValueId | undefined,
  ): Product[] {
    const shifted = (view: View, rows: number): View => ({ ...view, offset: view.offset + rows });
    const added = residual === undefined ? undefined : this.#view(residual);
    if (isGlu) {
      const [gate, up] = segments;
      return gate.place.parts.map(({ firstRow, matrix }, i) => ({
        ...base,
        matrices: [matrix, up.place.parts[i].matrix],
        bias: bias && { buffer: bias, offset: firstRow, second: gate.place.rows + firstRow },
        out: shifted(gate.out, firstRow),
      }));
    }
    let before = 0;
    return segments.flatMap(({ place, out }) => {
      const first = before;
      before += place.rows;
      return place.parts.map(({ firstRow, matrix }) => ({
        ...base,
        matrices: [matrix],
        bias: bias && { buffer: bias, offset: first + firstRow },
        residual: added && shifted(added, firstRow),
        out: shifted(out, firstRow),
      }));
    });
  }

  /** One dispatch where queries and keys lie in one buffer, as they come from one product; else one for each. */
  #rotate({ q, k, append }: RotateStep): Task[] {
    const together =
      !q ||
      !k ||
      (this.#view(q.input).buffer === this.#view(k.input).buffer &&
        (q.norm?.eps ?? k.norm?.eps) === (k.norm?.eps ?? q.norm?.eps));
    const groups = together ? [{ q, k, append }] : [{ q }, { k, append }];
    return groups.map((group) => ({ dispatch: this.#turn(group), domain: "tokens" }));
  }

  #turn({ q, k, append }: Omit<RotateStep, "kind">): Dispatch {
    const { caches, graph, options, rotations, step } = this.#parts;
    const turned = q ?? k;
    const heads = (t: Turned) => ({
      x: this.#view(t.input),
      out: this.#view(t.output),
      heads: t.rope.heads,
      norm: t.norm && this.#floats(t.norm.weight),
    });
    const layer = append && graph.cacheLayers[append.layer];
    const keys = k ? heads(k) : append && { x: this.#view(append.k), heads: 1 };
    return ropeAppend({
      label: append ? `rope and cache ${append.layer}` : `rope ${turned ? this.#label(turned.output) : ""}`,
      step,
      q: q && heads(q),
      k: keys && { ...keys, out: k && this.#readElsewhere(k.output) ? this.#view(k.output) : undefined },
      headSize: turned?.rope.headSize ?? layer?.keyWidth ?? 0,
      eps: (q?.norm ?? k?.norm)?.eps,
      rotation: turned && {
        rotaryDims: turned.rope.rotaryDims,
        pairing: turned.rope.pairing,
        at: rotations.get(rotationKey(turned))!,
      },
      cache: append &&
        layer && {
          v: this.#view(append.v),
          valueSize: layer.valueWidth / (keys?.heads ?? 1),
          keys: caches[append.layer].k,
          values: caches[append.layer].v,
          type: options.cacheType,
        },
    });
  }

  /** Whether anything but the cache reads a value. */
  #readElsewhere(value: ValueId): boolean {
    const { graph } = this.#parts;
    const read = graph.ops.some((op) => op.op !== "kv_append" && (op.inputs as readonly ValueId[]).includes(value));
    return read || graph.output === value;
  }

  #attention({ inputs, output, params }: Extract<GpuStep, { kind: "attention" }>["op"]): Task[] {
    const { caches, options, scratch, step } = this.#parts;
    const [q, sinks] = inputs;
    const { k, v } = caches[params.layer];
    const call: AttentionCall = {
      label: this.#label(output),
      step,
      q: this.#view(q),
      out: this.#view(output),
      keys: k,
      values: v,
      cacheType: options.cacheType,
      params,
      sinks: sinks === undefined ? undefined : this.#floats(sinks),
    };
    const memory = { scratch: (bytes: number, name: string) => scratch.take(bytes, name) };
    const dispatches = this.#choose((variants) =>
      this.#form === "one" ? attentionDecode(call, options.contextLength, variants, memory) : [attentionPrefill(call)],
    );
    return dispatches.map((dispatch) => ({ dispatch, domain: "tokens" }));
  }

  #expertMatmul({ inputs, output, params }: Extract<GpuStep, { kind: "expert_matmul" }>["op"]): Task[] {
    const [x, weight, routes] = inputs;
    const { parts, width } = this.#matrix(weight);
    const rows = weightOf(this.#parts.graph, weight).shape[1];
    const product = {
      label: this.#label(output),
      x: this.#view(x),
      width,
      rowPerPick: this.#width(x) !== width,
      parts,
      rows,
      routes: this.#view(routes),
      used: params.used,
      out: this.#view(output),
    };
    const dispatches = this.#choose((variants) => expertMatmul(product, variants));
    return dispatches.map((dispatch) => ({ dispatch, domain: domainOf(this.#parts.graph, output) }));
  }

  #width(id: ValueId): number {
    const value = this.#parts.graph.values[id];
    return value.kind === "activation" ? value.width : value.shape[0];
  }

  #op({ op, domain }: Extract<GpuStep, { kind: "op" }>): Task[] {
    const { step, tokens } = this.#parts;
    const call = { label: this.#label(op.output), out: this.#view(op.output), step, rowsWord: ROWS_WORD[domain] };
    const width = this.#width(op.output);
    const view = (id: ValueId) => this.#view(id);
    const one = (dispatch: Dispatch): Task[] => [{ dispatch, domain }];
    switch (op.op) {
      case "embed":
        return this.#choose((variants) =>
          this.#matrix(op.inputs[0]).parts.map(({ firstRow, matrix }) =>
            embed({ ...call, tokens, matrix, firstRow }, variants),
          ),
        ).map((dispatch) => ({ dispatch, domain }));
      case "rms_norm":
        return one(
          rmsNorm({ ...call, x: view(op.inputs[0]), weight: this.#floats(op.inputs[1]), width, ...op.params }),
        );
      case "add":
        return one(add({ ...call, a: view(op.inputs[0]), b: view(op.inputs[1]), width }));
      case "glu":
        return one(glu({ ...call, gate: view(op.inputs[0]), up: view(op.inputs[1]), width }));
      case "select_outputs":
        if (this.#form === "one" && op.output !== this.#parts.graph.output) {
          this.#selected.set(op.output, op.inputs[0]);
          return [];
        }
        return one(selectOutputs({ ...call, x: view(op.inputs[0]), width }));
      case "route":
        return one(route({ ...call, logits: view(op.inputs[0]), ...op.params }));
      case "expert_sum":
        return one(
          expertSum({ ...call, x: view(op.inputs[0]), routes: view(op.inputs[1]), width, used: op.params.used }),
        );
    }
  }
}
