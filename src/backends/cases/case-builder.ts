import type { DType } from "../../core/dtype.ts";
import type { Activation, CacheLayer, Op, OpName, Value, ValueId } from "../../core/graph.ts";
import type { CacheType } from "../backend.ts";
import type { CaseRun, CaseWeight, OpCase, Tolerance } from "./case.ts";
import { eightBitBytes, gaussianBytes, randomWeights } from "./random-weights.ts";

/** Everything in float32: sums in another order, an exponential of a few ulps. */
export const PLAIN_TOLERANCE: Tolerance = { f32: 1e-4, f16: 1e-4, int8: 1e-4 };

export interface FinishOptions {
  readonly dtype?: DType;
  readonly runs: readonly CaseRun[];
  readonly contextLength?: number;
  readonly cacheType?: CacheType;
  readonly tolerance?: Tolerance;
}

/** Writes the graph of one case. Its inputs are rows of F32 embedding tables: token t stands for row t. */
export class CaseBuilder {
  readonly #op: OpName;
  readonly #name: string;
  readonly #values: Value[] = [];
  readonly #ops: Op[] = [];
  readonly #weights: CaseWeight[] = [];
  readonly #cacheLayers: CacheLayer[] = [];

  constructor(op: OpName, name: string) {
    this.#op = op;
    this.#name = `${op} ${name}`;
  }

  /** Activations: gaussian rows, one for each of `tokens` token ids. */
  input(name: string, width: number, tokens: number, magnitude = 1): ValueId {
    const seed = `${this.#name} ${name}`;
    return this.embed(this.#weight(name, "F32", [width, tokens], () => gaussianBytes(width * tokens, seed, magnitude)));
  }

  /** Rows that 8-bit activations hold exactly, every third of them zero: no rounding hides a wrong product. */
  eightBitInput(name: string, width: number, tokens: number): ValueId {
    const seed = `${this.#name} ${name}`;
    const bytes = () => {
      const data = eightBitBytes(width * tokens, seed);
      for (let row = 2; row < tokens; row += 3) data.fill(0, 4 * width * row, 4 * width * (row + 1));
      return data;
    };
    return this.embed(this.#weight(name, "F32", [width, tokens], bytes));
  }

  /** A matrix of random weights. */
  matrix(name: string, dtype: DType, shape: readonly number[]): ValueId {
    const elements = shape.reduce((product, size) => product * size, 1);
    return this.#weight(name, dtype, shape, () => randomWeights(dtype, elements, `${this.#name} ${name}`));
  }

  /** F32 numbers around 1: weights of a norm, divisors. */
  nearOne(name: string, length: number): ValueId {
    const bytes = () => {
      const data = new Float32Array(gaussianBytes(length, `${this.#name} ${name}`, 0.2).buffer);
      return new Uint8Array(data.map((x) => 1 + Math.abs(x)).buffer);
    };
    return this.#weight(name, "F32", [length], bytes);
  }

  embed(table: ValueId): ValueId {
    const weight = this.#values[table];
    const width = weight.kind === "weight" ? weight.shape[0] : 0;
    return this.#append({ op: "embed", inputs: [table], output: this.#output(width), params: {} });
  }

  /** Appends an op whose output has `width` numbers a row. */
  append(op: OpWithoutOutput, width: number): ValueId {
    return this.#append({ ...op, output: this.#output(width) } as Op);
  }

  kvAppend(k: ValueId, v: ValueId, cache: CacheLayer): number {
    const layer = this.#cacheLayers.push(cache) - 1;
    this.#ops.push({ op: "kv_append", inputs: [k, v], output: null, params: { layer } });
    return layer;
  }

  /** The finished case, whose result are the rows of `x` that each run asks for. */
  finish(x: ValueId, { dtype, runs, contextLength, cacheType = "f32", tolerance }: FinishOptions): OpCase {
    const { width } = this.#values[x] as Activation;
    const selected: Activation = { kind: "activation", name: "selected", width, rows: "outputs" };
    const output = this.#values.push(selected) - 1;
    this.#append({ op: "select_outputs", inputs: [x], output, params: {} });
    return {
      op: this.#op,
      name: this.#name,
      dtype,
      graph: { values: this.#values, ops: this.#ops, output, cacheLayers: this.#cacheLayers },
      weights: this.#weights,
      options: {
        contextLength: contextLength ?? Math.max(...runs.map(({ position, tokens }) => position + tokens.length)),
        batchSize: Math.max(...runs.map(({ tokens }) => tokens.length)),
        outputRows: Math.max(...runs.map(({ outputs }) => outputs.length)),
        cacheType,
      },
      runs,
      tolerance: tolerance ?? PLAIN_TOLERANCE,
    };
  }

  #append(op: Op): ValueId {
    this.#ops.push(op);
    return op.output as ValueId;
  }

  #weight(name: string, dtype: DType, shape: readonly number[], bytes: CaseWeight["bytes"]): ValueId {
    this.#weights.push({ name, dtype, shape, bytes });
    return this.#values.push({ kind: "weight", name, dtype, shape }) - 1;
  }

  #output(width: number): ValueId {
    return this.#values.push({ kind: "activation", name: `v${this.#values.length}`, width, rows: "tokens" }) - 1;
  }
}

type OpWithoutOutput = Op extends infer O ? (O extends { output: ValueId } ? Omit<O, "output"> : never) : never;

/** A run of `count` tokens, ids `from` and on, at `position`, all rows wanted. */
export function tokensAt(position: number, count: number, from = 0): CaseRun {
  const indices = Array.from({ length: count }, (_, i) => i);
  return { tokens: indices.map((i) => from + i), position, outputs: indices };
}
