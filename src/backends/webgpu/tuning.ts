import type { DType } from "../../core/dtype.ts";
import { PACKED_TYPES } from "./formats.ts";
import type { Variants } from "./kernel.ts";
import {
  MATMUL_TUNING,
  type MatmulTuning,
  type MatvecTuning,
  matvecTuning,
  type Product,
  SOFTWARE_MATMUL_TUNING,
} from "./kernels/matmul.ts";

/** Tile sizes of products. */
export interface Tuning {
  matvec(product: Product, variants: Variants): MatvecTuning;
  matmul(product: Product, variants: Variants): MatmulTuning;
}

export const defaultTuning = (isSoftware: boolean): Tuning => ({
  matvec: (product) => matvecTuning(product),
  matmul: () => (isSoftware ? SOFTWARE_MATMUL_TUNING : MATMUL_TUNING),
});

/** Tile sizes that are tried beside the default. */
export const MATVEC_CANDIDATES: readonly MatvecTuning[] = [
  { rows: 1, threads: 64 },
  { rows: 2, threads: 32 },
  { rows: 2, threads: 64 },
  { rows: 2, threads: 128 },
  { rows: 4, threads: 32 },
  { rows: 4, threads: 64 },
  { rows: 4, threads: 128 },
  { rows: 8, threads: 64 },
];
export const MATMUL_CANDIDATES: readonly MatmulTuning[] = [
  { rows: 2, tokens: 4 },
  { rows: 2, tokens: 8 },
  { rows: 4, tokens: 4 },
  { rows: 4, tokens: 8 },
  { rows: 8, tokens: 4 },
  { rows: 8, tokens: 8 },
];

/** Products that share tile sizes: of one type, form, and about as wide. */
export function matvecClass(product: Product): string {
  const chunks = Math.ceil(product.width / 32);
  const width = chunks <= 32 ? "narrow" : chunks < 256 ? "middle" : "wide";
  return `matvec ${product.matrices[0].dtype} ${width}${product.glu ? " glu" : ""}`;
}

/** Products that share tile sizes: of one arithmetic and form. */
export function matmulClass(product: Product, { packed, f16 }: Variants): string {
  const isPacked = (dtype: DType) => packed && PACKED_TYPES.has(dtype);
  const arithmetic = isPacked(product.matrices[0].dtype) ? "packed" : f16 ? "f16" : "f32";
  return `matmul ${arithmetic}${product.glu ? " glu" : ""}`;
}
