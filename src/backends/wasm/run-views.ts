import type { Graph, ValueId } from "../../core/graph.ts";
import type { CompileOptions, RunRequest } from "../backend.ts";
import { fillRotation } from "../graph-utils/rotation.ts";
import type { Layout, RopeTable } from "./layout.ts";
import { setControl } from "./records.ts";

interface Rotation {
  readonly params: RopeTable["params"];
  readonly divisors: Float32Array | undefined;
  readonly table: Float32Array;
}

/** Views of what a run is told in memory and what it leaves there. They are made once: a step of decoding makes none. */
export class RunViews {
  readonly #buffer: ArrayBufferLike;
  readonly #view: DataView;
  readonly #control: number;
  readonly #tokens: Int32Array;
  readonly #outputs: Int32Array;
  readonly #rotations: readonly Rotation[];
  readonly #logitsAt: number;
  readonly #width: number;
  readonly #perToken: boolean;
  readonly #rows: Float32Array[] = [];

  constructor(buffer: ArrayBufferLike, control: number, graph: Graph, layout: Layout, options: CompileOptions) {
    this.#buffer = buffer;
    this.#view = new DataView(buffer);
    this.#control = control;
    this.#tokens = new Int32Array(buffer, layout.tokensAt, options.batchSize);
    this.#outputs = new Int32Array(buffer, layout.outputsAt, options.outputRows);
    const floats = (id: ValueId | undefined) => {
      const place = id === undefined ? undefined : layout.weights.get(id);
      return place && new Float32Array(buffer, layout.weightsAt + place.offset, place.rowLength);
    };
    this.#rotations = layout.ropeTables.map(({ params, divisors, at }) => ({
      params,
      divisors: floats(divisors),
      table: new Float32Array(buffer, at, options.batchSize * params.rotaryDims),
    }));
    const logits = graph.values[graph.output];
    this.#logitsAt = layout.arenaAt + layout.arena.offsets.get(graph.output)!;
    this.#width = logits.kind === "activation" ? logits.width : 0;
    this.#perToken = logits.kind === "activation" && logits.rows === "tokens";
  }

  /** Writes what the program reads of a request. */
  prepare({ tokens, position, outputs }: RunRequest): void {
    this.#tokens.set(tokens);
    this.#outputs.set(outputs);
    for (const { table, params, divisors } of this.#rotations) {
      fillRotation(table, params, divisors, position, tokens.length);
    }
    setControl(this.#view, this.#control, "token_count", tokens.length);
    setControl(this.#view, this.#control, "output_count", outputs.length);
    setControl(this.#view, this.#control, "position", position);
  }

  /** One row of logits for each entry of `outputs`. */
  results(outputs: readonly number[]): Float32Array[] {
    const rows: Float32Array[] = [];
    for (let i = 0; i < outputs.length; i++) rows.push(this.#row(this.#perToken ? outputs[i] : i));
    return rows;
  }

  #row(index: number): Float32Array {
    this.#rows[index] ??= new Float32Array(this.#buffer, this.#logitsAt + index * this.#width * 4, this.#width);
    return this.#rows[index];
  }
}
