import type { DType } from "../../core/dtype.ts";

/** What the adapter can do, or what a test makes of it. */
export interface Variants {
  /** Sums across a subgroup instead of workgroup memory. */
  readonly subgroups: boolean;
  /** Half-precision arithmetic and workgroup memory. */
  readonly f16: boolean;
  /** dot4I8Packed on activations rounded to 8 bits. */
  readonly packed: boolean;
}

/** One compute pipeline, as data: what is compiled depends on nothing else. */
export interface Kernel {
  /** Path below shaders/; its entry point is `main`. */
  readonly file: string;
  /** Names that `#if` finds true. */
  readonly defines: readonly string[];
  /** The type of each `#weights` slot. */
  readonly weights: readonly DType[];
  /** Values of the shader's `override` declarations. */
  readonly constants: Readonly<Record<string, number>>;
}

export type Workgroups = readonly [x: number, y: number, z: number];

/** A kernel and what it works on. Buffers stand in the order of their bindings. */
export interface Dispatch {
  readonly kernel: Kernel;
  readonly buffers: readonly GPUBuffer[];
  /** For `rows` rows (tokens or wanted outputs) of this run. */
  workgroups(rows: number): Workgroups;
  /** Name in counters and time tables: `blk.0.attn_qkv`. */
  readonly label: string;
}

export const kernelKey = (kernel: Kernel): string =>
  JSON.stringify([kernel.file, kernel.defines, kernel.weights, kernel.constants]);
