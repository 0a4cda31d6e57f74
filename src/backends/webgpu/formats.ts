import { DTYPES, type DType } from "../../core/dtype.ts";
import { iq1SGrid } from "../../quant/codebooks/iq1.ts";
import { iq2SGrid, iq2XsGrid, iq2XxsGrid } from "../../quant/codebooks/iq2.ts";
import { iq3SGrid, iq3XxsGrid } from "../../quant/codebooks/iq3.ts";
import { e2m1Doubled, iq4Values } from "../../quant/codebooks/values.ts";

/** How a block of the file lies in a buffer; the planes are those of shaders/lib/slot.wgsl. */
export interface BlockSplit {
  /** Bytes of a block in the file. */
  readonly bytes: number;
  /** Words of it in plane 1: all fields of whole words, in the order of the file. */
  readonly words: number;
  /** Bytes of it in plane 2, and where the block has them: at its start or at its end. */
  readonly smallBytes: 0 | 1 | 2;
  readonly smallAt: number;
}

/** Types whose small field ends the block; elsewhere it comes first. */
const SMALL_LAST: ReadonlySet<DType> = new Set(["Q3_K", "Q6_K", "TQ1_0", "TQ2_0"]);

export const isFloat = (dtype: DType): boolean => DTYPES[dtype].blockElements === 1;

/** For float types: of 32 numbers, which have no small field. */
export function blockSplit(dtype: DType): BlockSplit {
  const { blockBytes } = DTYPES[dtype];
  if (isFloat(dtype)) return { bytes: 32 * blockBytes, words: 8 * blockBytes, smallBytes: 0, smallAt: 0 };
  const smallBytes = (blockBytes % 4) as 0 | 1 | 2;
  const smallAt = SMALL_LAST.has(dtype) ? blockBytes - smallBytes : 0;
  return { bytes: blockBytes, words: (blockBytes - smallBytes) / 4, smallBytes, smallAt };
}

/**
 * Types with `ints_32`. Of the others, the float types have no whole numbers, and Q2_K has two minima for 32 weights.
 */
export const PACKED_TYPES: ReadonlySet<DType> = new Set(
  (Object.keys(DTYPES) as DType[]).filter((dtype) => !isFloat(dtype) && dtype !== "Q2_K"),
);

/** The codebook in plane 3: vectors as four bytes to a word, or pairs. */
const BOOKS: Partial<Record<DType, () => Uint32Array<ArrayBuffer>>> = {
  IQ1_S: () => vectors(iq1SGrid()),
  IQ1_M: () => vectors(iq1SGrid()),
  IQ2_XXS: () => vectors(iq2XxsGrid()),
  IQ2_XS: () => vectors(iq2XsGrid()),
  IQ2_S: () => vectors(iq2SGrid()),
  IQ3_XXS: () => vectors(iq3XxsGrid()),
  IQ3_S: () => vectors(iq3SGrid()),
  IQ4_NL: () => pairs(iq4Values()),
  IQ4_XS: () => pairs(iq4Values()),
  MXFP4: () => pairs(e2m1Doubled()),
  NVFP4: () => pairs(e2m1Doubled()),
};

/** The words of plane 3; none for most types. */
export const bookOf = (dtype: DType): Uint32Array<ArrayBuffer> => BOOKS[dtype]?.() ?? new Uint32Array(0);

const vectors = (grid: Uint8Array) => new Uint32Array(Uint8Array.from(grid).buffer);

/** For each byte of two four-bit codes the two values, as signed bytes in bits 0 and up and 16 and up. */
const pairs = (values: Int8Array) =>
  Uint32Array.from({ length: 256 }, (_, codes) => (values[codes & 15] & 255) | ((values[codes >> 4] & 255) << 16));
