import type { DType } from "../../core/dtype.ts";

/** Rows of F32 in a buffer; row r begins at number `offset + r * stride`. */
export interface View {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly stride: number;
}

/** A matrix, or those of its rows that one buffer holds; how they lie there is said in shaders/lib/slot.wgsl. */
export interface Matrix {
  readonly dtype: DType;
  readonly buffer: GPUBuffer;
  /** Numbers of a row. */
  readonly width: number;
  readonly rows: number;
  /** First word of the plane of small fields, and of the codebook. */
  readonly small: number;
  readonly book: number;
}
