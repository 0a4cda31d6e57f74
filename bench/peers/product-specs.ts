import type { KernelSpec } from "../../src/core/api.ts";
import { PRODUCT_TYPES, type ProductTiming, type ProductType } from "./types.ts";

/** The shape that llama.cpp's performance tests have quantised products of. */
export const SHAPE = { width: 14_336, out: 4096 } as const;
/** Of theirs, the least and the most tokens that fit a batch here. */
export const PRODUCT_TOKENS = [1, 8] as const;

export type ProductSpec = Extract<KernelSpec, { kernel: "matmul" }> & { dtype: ProductType };

export const productSpecs = (): ProductSpec[] =>
  PRODUCT_TYPES.flatMap((dtype) =>
    PRODUCT_TOKENS.map((tokens): ProductSpec => ({ kernel: "matmul", dtype, ...SHAPE, tokens })),
  );

export const isOf = ({ type, tokens }: Pick<ProductTiming, "type" | "tokens">, spec: ProductSpec): boolean =>
  type === spec.dtype && tokens === spec.tokens;
