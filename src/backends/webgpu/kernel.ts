import type { DType } from "../../core/dtype.ts";

/** What the adapter can do, or what a test makes of it. */
export interface Variants {
  /** Sums across a subgroup instead of workgroup memory. */
  readonly subgroups: boolean;
  /** Half-precision arithmetic and workgroup memory. */
  readonly f16: boolean;
  /** dot4I8Packed on activations rounded to 8 bits. */
  readonly packed: boolean;
  /** Halves of weights widened by whole numbers, where the built-in function takes subnormal ones for zero. */
  readonly ownHalves?: boolean;
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

/** Constants that decide about threads and workgroup memory, not only about how much there is to do. */
const SIZES = ["threads", "head_size", "value_size"];

/**
 * What a kernel is apart from the shapes that it is made for: file, types, variant, flags. Kernels of one kind are right or
 * wrong together: "matvec Q4_K ROWS=4 SUBGROUPS NORM ALIGNED threads=64".
 */
export function kernelKind({ file, weights, defines, constants }: Kernel): string {
  const sizes = SIZES.flatMap((name) => (name in constants ? [`${name}=${constants[name]}`] : []));
  const name = file.replace(/^ops\/|\.wgsl$/g, "");
  return [name, ...weights, ...defines, ...sizes, ...(constants.window ? ["window"] : [])].join(" ");
}

const WITHOUT_HALVES: ReadonlySet<DType> = new Set(["F32", "BF16", "MXFP4", "NVFP4"]);

/** The flags of a variant that concern decoders of these types. */
export const decoderDefines = (weights: readonly DType[], { ownHalves }: Pick<Variants, "ownHalves">): string[] =>
  ownHalves && weights.some((dtype) => !WITHOUT_HALVES.has(dtype)) ? ["OWN_HALVES"] : [];
