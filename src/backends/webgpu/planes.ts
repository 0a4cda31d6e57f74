import { DTYPES, type DType } from "../../core/dtype.ts";
import { WebggufError } from "../../core/errors.ts";
import { type BlockSplit, blockSplit, bookOf, isFloat } from "./formats.ts";

/** Where the rows of a matrix lie in a buffer of their own. */
export interface PlaneLayout {
  readonly dtype: DType;
  /** Numbers of a row, and rows. */
  readonly width: number;
  readonly rows: number;
  /** Size of the buffer in 32-bit words. */
  readonly words: number;
  /** First word of plane 2, and of plane 3. */
  readonly small: number;
  readonly book: number;
}

/** Bytes that belong at byte `offset` of the buffer; both are multiples of four. */
export interface Piece {
  readonly offset: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** `width` is a whole number of blocks, or any for float types: their rows are padded with zeros to whole 32 numbers. */
export function planeLayout(dtype: DType, width: number, rows: number): PlaneLayout {
  const { words, smallBytes } = blockSplit(dtype);
  const blocks = rows * blocksPerRow(dtype, width);
  const small = blocks * words;
  const book = small + Math.ceil((blocks * smallBytes) / 4);
  return { dtype, width, rows, small, book, words: book + bookOf(dtype).length };
}

/** Rows of which every slice of a matrix but the last holds a multiple: 1, 2 or 4. */
export function sliceRows(dtype: DType, width: number): number {
  const bytes = blocksPerRow(dtype, width) * blockSplit(dtype).smallBytes;
  return bytes % 4 === 0 ? 1 : bytes % 2 === 0 ? 2 : 4;
}

/** The codebook; undefined for types without one. */
export function bookPiece({ dtype, book }: PlaneLayout): Piece | undefined {
  const words = bookOf(dtype);
  return words.length ? { offset: book * 4, bytes: new Uint8Array(words.buffer) } : undefined;
}

/**
 * What is to be written for the rows of the file in `data`, the first of which is row `firstRow`, a multiple of
 * `sliceRows`. A slice that ends between two multiples of it must be the last one of the matrix: zeros follow it up to the
 * next word. A piece may be a view of `data`; write it before `data` changes.
 */
export function splitBlocks(layout: PlaneLayout, data: Uint8Array<ArrayBuffer>, firstRow: number): Piece[] {
  const { dtype, width } = layout;
  const { blockBytes, blockElements } = DTYPES[dtype];
  const rowBytes = (width / blockElements) * blockBytes;
  const rows = data.length / rowBytes;
  if (!Number.isInteger(rows) || firstRow % sliceRows(dtype, width) !== 0 || firstRow + rows > layout.rows) {
    throw new WebggufError(
      "internal",
      `${data.length} bytes at row ${firstRow} are no slice of ${layout.rows} rows of ${width} ${dtype}.`,
    );
  }
  const split = blockSplit(dtype);
  const perRow = blocksPerRow(dtype, width);
  const firstBlock = firstRow * perRow;
  const offset = firstBlock * split.words * 4;
  if (isFloat(dtype) && width % 32 !== 0) return [{ offset, bytes: padRows(data, rowBytes, perRow * split.bytes) }];
  if (split.smallBytes === 0) return [{ offset, bytes: data }];

  const blocks = rows * perRow;
  const large = new Uint8Array(blocks * split.words * 4);
  const small = new Uint8Array(Math.ceil((blocks * split.smallBytes) / 4) * 4);
  if (split.smallBytes === 1) splitOddBlocks(split, data, blocks, large, small);
  else splitEvenBlocks(split, data, blocks, large, small);
  return [
    { offset, bytes: large },
    { offset: layout.small * 4 + firstBlock * split.smallBytes, bytes: small },
  ];
}

function blocksPerRow(dtype: DType, width: number): number {
  return isFloat(dtype) ? Math.ceil(width / 32) : width / DTYPES[dtype].blockElements;
}

function padRows(data: Uint8Array, rowBytes: number, paddedBytes: number): Uint8Array<ArrayBuffer> {
  const rows = data.length / rowBytes;
  const out = new Uint8Array(rows * paddedBytes);
  for (let r = 0; r < rows; r++) out.set(data.subarray(r * rowBytes, (r + 1) * rowBytes), r * paddedBytes);
  return out;
}

/** Two bytes at a time. */
function splitEvenBlocks(
  { bytes, words, smallAt }: BlockSplit,
  data: Uint8Array<ArrayBuffer>,
  blocks: number,
  large: Uint8Array<ArrayBuffer>,
  small: Uint8Array<ArrayBuffer>,
): void {
  const aligned = data.byteOffset % 2 === 0 ? data : data.slice();
  const from = new Uint16Array(aligned.buffer, aligned.byteOffset, data.length / 2);
  const to = new Uint32Array(large.buffer);
  const smalls = new Uint16Array(small.buffer);
  const skip = smallAt === 0 ? 1 : 0;
  let at = 0;
  for (let block = 0; block < blocks; block++) {
    const begin = (block * bytes) >> 1;
    smalls[block] = from[begin + (smallAt >> 1)];
    let source = begin + skip;
    for (const end = at + words; at < end; at++, source += 2) to[at] = from[source] | (from[source + 1] << 16);
  }
}

/** One byte before the words of the block. */
function splitOddBlocks(
  { bytes, words }: BlockSplit,
  data: Uint8Array,
  blocks: number,
  large: Uint8Array<ArrayBuffer>,
  small: Uint8Array<ArrayBuffer>,
): void {
  const to = new Uint32Array(large.buffer);
  let at = 0;
  for (let block = 0; block < blocks; block++) {
    let source = block * bytes;
    small[block] = data[source++];
    for (const end = at + words; at < end; at++, source += 4) {
      to[at] = data[source] | (data[source + 1] << 8) | (data[source + 2] << 16) | (data[source + 3] << 24);
    }
  }
}
