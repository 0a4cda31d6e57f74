import type { CacheLayer } from "../../core/graph.ts";
import type { CacheType } from "../backend.ts";
import { roundToHalf } from "./half.ts";
import { type Matrix, newMatrix } from "./matrix.ts";

/** Keys and values of one layer: one row per position. */
export interface Cache {
  readonly keys: Matrix;
  readonly values: Matrix;
}

export function newCache({ keyWidth, valueWidth }: CacheLayer, contextLength: number): Cache {
  return { keys: newMatrix(contextLength, keyWidth), values: newMatrix(contextLength, valueWidth) };
}

/** Writes the rows of x at `position` and after. An `f16` cache keeps the nearest half, stored as a float. */
export function writeRows(x: Matrix, into: Matrix, position: number, type: CacheType): void {
  const rows = type === "f16" ? x.data.map(roundToHalf) : x.data;
  into.data.set(rows, position * into.width);
}
