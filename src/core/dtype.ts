/**
 * The storage types a GGUF tensor can have: ggml's name, the number used in tensor headers, and the size of one block.
 * Source of ids and sizes: ggml.h / ggml-common.h of llama.cpp.
 */
export interface DTypeInfo {
  /** The number that stands for the type in a GGUF tensor header. */
  readonly id: number;
  /** Elements per block; a row's length must be a multiple of it. */
  readonly blockElements: number;
  /** Bytes per block. */
  readonly blockBytes: number;
}

export const DTYPES = {
  F32: { id: 0, blockElements: 1, blockBytes: 4 },
  F16: { id: 1, blockElements: 1, blockBytes: 2 },
  Q4_0: { id: 2, blockElements: 32, blockBytes: 18 },
  Q4_1: { id: 3, blockElements: 32, blockBytes: 20 },
  Q5_0: { id: 6, blockElements: 32, blockBytes: 22 },
  Q5_1: { id: 7, blockElements: 32, blockBytes: 24 },
  Q8_0: { id: 8, blockElements: 32, blockBytes: 34 },
  Q2_K: { id: 10, blockElements: 256, blockBytes: 84 },
  Q3_K: { id: 11, blockElements: 256, blockBytes: 110 },
  Q4_K: { id: 12, blockElements: 256, blockBytes: 144 },
  Q5_K: { id: 13, blockElements: 256, blockBytes: 176 },
  Q6_K: { id: 14, blockElements: 256, blockBytes: 210 },
  IQ2_XXS: { id: 16, blockElements: 256, blockBytes: 66 },
  IQ2_XS: { id: 17, blockElements: 256, blockBytes: 74 },
  IQ3_XXS: { id: 18, blockElements: 256, blockBytes: 98 },
  IQ1_S: { id: 19, blockElements: 256, blockBytes: 50 },
  IQ4_NL: { id: 20, blockElements: 32, blockBytes: 18 },
  IQ3_S: { id: 21, blockElements: 256, blockBytes: 110 },
  IQ2_S: { id: 22, blockElements: 256, blockBytes: 82 },
  IQ4_XS: { id: 23, blockElements: 256, blockBytes: 136 },
  IQ1_M: { id: 29, blockElements: 256, blockBytes: 56 },
  BF16: { id: 30, blockElements: 1, blockBytes: 2 },
  TQ1_0: { id: 34, blockElements: 256, blockBytes: 54 },
  TQ2_0: { id: 35, blockElements: 256, blockBytes: 66 },
  MXFP4: { id: 39, blockElements: 32, blockBytes: 17 },
  NVFP4: { id: 40, blockElements: 64, blockBytes: 36 },
  Q1_0: { id: 41, blockElements: 128, blockBytes: 18 },
  Q2_0: { id: 42, blockElements: 64, blockBytes: 18 },
} as const satisfies Record<string, DTypeInfo>;

/** ggml's name of a storage type. */
export type DType = keyof typeof DTYPES;

const BY_ID: ReadonlyMap<number, DType> = new Map(
  Object.entries(DTYPES).map(([name, info]) => [info.id, name as DType]),
);

/** The type with this number in a tensor header, or undefined when the number is unknown. */
export function dtypeFromId(id: number): DType | undefined {
  return BY_ID.get(id);
}

/** Bytes that `elements` values of type `dtype` take; `elements` must be a whole number of blocks. */
export function byteLength(dtype: DType, elements: number): number {
  const { blockElements, blockBytes } = DTYPES[dtype];
  return (elements / blockElements) * blockBytes;
}
