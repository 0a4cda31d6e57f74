import { DTYPES, type DType } from "../core/dtype.ts";

/** One storage format: how its blocks become 32-bit floats. */
export interface QuantFormat {
  readonly dtype: DType;
  /**
   * Decodes `blockCount` consecutive blocks that start at byte `byteOffset` of `blocks` and writes
   * `blockCount * blockElements` values to `out` from `outOffset` on. Bounds are the caller's business.
   */
  decode(blocks: Uint8Array, byteOffset: number, out: Float32Array, outOffset: number, blockCount: number): void;
}

/** Decodes the one block at `src[at…]` into `out[to…]`. */
export type BlockDecoder = (src: Uint8Array, at: number, out: Float32Array, to: number) => void;

/** The format whose blocks of `DTYPES[dtype]` size are decoded one by one with `decodeBlock`. */
export function blockFormat(dtype: DType, decodeBlock: BlockDecoder): QuantFormat {
  const { blockBytes, blockElements } = DTYPES[dtype];
  return {
    dtype,
    decode(blocks, byteOffset, out, outOffset, blockCount) {
      for (let i = 0; i < blockCount; i++) {
        decodeBlock(blocks, byteOffset + i * blockBytes, out, outOffset + i * blockElements);
      }
    },
  };
}
