import { randomWeights } from "../backends/cases/random-weights.ts";
import type { KernelSpec } from "../core/api.ts";
import { byteLength, DTYPES, type DType } from "../core/dtype.ts";
import type { Graph, ValueId } from "../core/graph.ts";
import type { TensorInfo } from "../core/source.ts";
import { selfAttention } from "../models/blocks/attention.ts";
import { feedForward } from "../models/blocks/feed-forward.ts";
import { GraphBuilder } from "../models/blocks/graph-builder.ts";

/** An operation some times over as a graph, with weights for it. */
export interface KernelGraph {
  readonly graph: Graph;
  readonly tensors: readonly TensorInfo[];
  /** How many times the operation is in it. */
  readonly copies: number;
  /** Positions of context. */
  readonly contextLength: number;
  /** The words of a step's label that say that it belongs to the operation. */
  readonly label: string;
  readonly cost: KernelCost;
}

export interface KernelCost {
  /** What one call has to read and write. */
  readonly bytes: number;
  /** Multiplications and additions. */
  readonly operations: number;
}

/** Copies read so much together that no cache holds it from one run to the next. */
const COLD_BYTES = 64 << 20;
/** Copies compute at most this much together. */
const MOST_OPERATIONS = 1e9;
const MOST_COPIES = 64;
/** Rows of the tables that inputs are read from. */
const ROWS = 64;

const ROPE = {
  rotaryDims: undefined,
  freqBase: 1e6,
  freqScale: 1,
  extFactor: 0,
  attnFactor: 1,
  betaFast: 32,
  betaSlow: 1,
  originalContext: 32_768,
} as const;

/** The graph of a kernel whose sizes have been checked. */
export function kernelGraph(spec: KernelSpec): KernelGraph {
  const { cost, weights } = describe(spec);
  const cold = Math.ceil(COLD_BYTES / Math.max(1, weights));
  const affordable = Math.max(1, Math.floor(MOST_OPERATIONS / Math.max(1, cost.operations)));
  const copies = spec.kernel === "embed" ? 1 : Math.max(1, Math.min(cold, affordable, MOST_COPIES));
  const writer = new KernelWriter();
  const output = write(writer, spec, copies);
  return {
    graph: writer.builder.build(writer.builder.selectOutputs(output)),
    tensors: [...writer.tensors.values()],
    copies,
    contextLength: "context" in spec ? spec.context : spec.tokens,
    label: spec.kernel === "embed" ? "token_embd" : "kernel",
    cost,
  };
}

function write(w: KernelWriter, spec: KernelSpec, copies: number): ValueId {
  const g = w.builder;
  const each = (one: (name: string, last: ValueId | undefined) => ValueId): ValueId => {
    let last: ValueId | undefined;
    for (let i = 0; i < copies; i++) last = one(`kernel.${i}`, last);
    return last as ValueId;
  };
  switch (spec.kernel) {
    case "embed":
      return g.embed(g.weight(...w.tensor("table", spec.dtype, [spec.width, 4096])));
    case "matmul":
      // An input of its own for each: products on the same input would be joined.
      return each((name) => {
        w.tensor(`${name}.weight`, spec.dtype, [spec.width, spec.out]);
        return g.linear(w.input(spec.width), name, spec.out);
      });
    case "attention": {
      const { heads, kvHeads, headSize } = spec;
      return each((name) => {
        const [k, v] = [w.input(kvHeads * headSize), w.input(kvHeads * headSize)];
        const layer = g.kvAppend(k, v);
        const params = { layer, heads, kvHeads, headSize, valueSize: headSize, scale: 1 / Math.sqrt(headSize) };
        return g.attention(w.input(heads * headSize), name, params);
      });
    }
    case "rms_norm":
      return each((name, last = w.input(spec.width)) => {
        w.tensor(`${name}.weight`, "F32", [spec.width]);
        return g.rmsNorm(last, name, { eps: 1e-6 });
      });
    // Each on the same input: a chain of them would grow or shrink to numbers that are slow.
    case "glu": {
      const [gate, up] = [w.input(spec.width), w.input(spec.width)];
      return each((name) => g.swiglu(gate, up, name));
    }
    case "add": {
      const [a, b] = [w.input(spec.width), w.input(spec.width)];
      return each((name) => g.add(a, b, name));
    }
    case "rope": {
      const { heads, headSize } = spec;
      const params = { ...ROPE, pairing: "halves", heads, headSize, rotaryDims: headSize } as const;
      // The rotation takes its name from its input: a sum in front gives it one.
      const start = w.input(heads * headSize);
      return each((name, last = g.add(start, start, name)) => g.rope(last, params));
    }
    case "layer": {
      const { dtype, width, heads, kvHeads, headSize, feedForward: hidden } = spec;
      const layer = {
        headCount: heads,
        kvHeadCount: kvHeads,
        headSize,
        valueSize: headSize,
        feedForwardLength: hidden,
      };
      return each((blk, x = w.input(width)) => {
        for (const norm of ["attn_norm", "ffn_norm"]) w.tensor(`${blk}.${norm}.weight`, "F32", [width]);
        for (const [name, from, to] of matricesOf(spec)) w.tensor(`${blk}.${name}.weight`, dtype, [from, to]);
        const attentionIn = g.rmsNorm(x, `${blk}.attn_norm`, { eps: 1e-6 });
        const attended = selfAttention(g, attentionIn, blk, layer, { rope: ROPE, pairing: "halves" });
        const middle = g.add(x, g.linear(attended, `${blk}.attn_output`, width), `${blk}.attn_residual`);
        const ffnIn = g.rmsNorm(middle, `${blk}.ffn_norm`, { eps: 1e-6 });
        const sizes = { embeddingLength: width, feedForwardLength: hidden };
        return g.add(middle, feedForward(g, ffnIn, blk, sizes), `${blk}.ffn_residual`);
      });
    }
  }
}

type LayerSpec = Extract<KernelSpec, { kernel: "layer" }>;

const matricesOf = ({ width, heads, kvHeads, headSize, feedForward: hidden }: LayerSpec) =>
  [
    ["attn_q", width, heads * headSize],
    ["attn_k", width, kvHeads * headSize],
    ["attn_v", width, kvHeads * headSize],
    ["attn_output", heads * headSize, width],
    ["ffn_gate", width, hidden],
    ["ffn_up", width, hidden],
    ["ffn_down", hidden, width],
  ] as const;

/** What a call costs, and the bytes among it that should come from memory each time. Rows are F32, the cache is F16. */
function describe(spec: KernelSpec): { cost: KernelCost; weights: number } {
  const { tokens } = spec;
  const rows = (...widths: number[]) => 4 * tokens * widths.reduce((sum, width) => sum + width, 0);
  const product = (dtype: DType, width: number, out: number) => ({
    weights: byteLength(dtype, width * out),
    operations: 2 * width * out * tokens,
  });
  const attention = (heads: number, kvHeads: number, headSize: number, context: number) => {
    // The i-th of the last `tokens` positions sees itself and all before it.
    const seen = tokens * context - (tokens * (tokens - 1)) / 2;
    return { weights: 4 * kvHeads * headSize * context, operations: 4 * heads * headSize * seen };
  };
  const whole = (weights: number, moved: number, operations: number) => ({
    cost: { bytes: weights + moved, operations },
    weights,
  });
  switch (spec.kernel) {
    case "matmul": {
      const { weights, operations } = product(spec.dtype, spec.width, spec.out);
      return whole(weights, rows(spec.width, spec.out), operations);
    }
    case "embed":
      return whole(byteLength(spec.dtype, spec.width * tokens), rows(spec.width), spec.width * tokens);
    case "attention": {
      const { heads, kvHeads, headSize, context } = spec;
      const { weights, operations } = attention(heads, kvHeads, headSize, context);
      return whole(weights, rows(heads * headSize, heads * headSize), operations);
    }
    case "rope": {
      const width = spec.heads * spec.headSize;
      return whole(0, rows(width, width), 3 * width * tokens);
    }
    case "rms_norm":
      return whole(4 * spec.width, rows(spec.width, spec.width), 4 * spec.width * tokens);
    case "glu":
    case "add":
      return whole(0, rows(spec.width, spec.width, spec.width), (spec.kernel === "add" ? 1 : 5) * spec.width * tokens);
    case "layer": {
      const products = matricesOf(spec).map(([, from, to]) => product(spec.dtype, from, to));
      const parts = [...products, attention(spec.heads, spec.kvHeads, spec.headSize, spec.context)];
      const sum = (of: (part: { weights: number; operations: number }) => number) =>
        parts.reduce((total, part) => total + of(part), 0);
      return whole(
        sum(({ weights }) => weights),
        rows(spec.width, spec.width),
        sum(({ operations }) => operations),
      );
    }
  }
}

/** A graph's builder, and the tensors that it is to find. */
class KernelWriter {
  readonly tensors = new Map<string, TensorInfo>();
  readonly builder = new GraphBuilder(this.tensors);

  /** Makes a tensor; its name and shape. */
  tensor(name: string, dtype: DType, shape: number[]): [name: string, shape: number[]] {
    if (!this.tensors.has(name)) this.tensors.set(name, madeTensor(name, dtype, shape));
    return [name, shape];
  }

  /** Activations of this width. */
  input(width: number): ValueId {
    return this.builder.embed(this.builder.weight(...this.tensor(`input.${width}`, "F32", [width, ROWS])));
  }
}

/** Elements that are made; the rest of a tensor repeats them. A whole number of blocks of any type. */
const MADE_ELEMENTS = 1 << 16;

/** A tensor of random weights that no memory holds. */
function madeTensor(name: string, dtype: DType, shape: number[]): TensorInfo {
  const elements = shape.reduce((product, length) => product * length, 1);
  const bytes = byteLength(dtype, elements);
  const period = byteLength(dtype, MADE_ELEMENTS);
  const read = async (offset: number, length: number) => {
    const made = pattern(dtype);
    const result = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const from = (offset + done) % period;
      const part = made.subarray(from, Math.min(period, from + length - done));
      result.set(part, done);
      done += part.length;
    }
    return result;
  };
  return { name, dtype, shape, source: { name, size: bytes, read }, offset: 0, byteLength: bytes };
}

const patterns = new Map<DType, Uint8Array>();

function pattern(dtype: DType): Uint8Array {
  const known = patterns.get(dtype) ?? randomWeights(dtype, MADE_ELEMENTS, "kernel");
  patterns.set(dtype, known);
  return known;
}

/** Whether rows of this length can be stored in this type. */
export const fitsBlocks = (dtype: DType, width: number): boolean => width % DTYPES[dtype].blockElements === 0;
