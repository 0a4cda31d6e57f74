import { byteLength, DTYPES, type DType } from "../../core/dtype.ts";
import { WebggufError } from "../../core/errors.ts";
import { type BlockSplit, blockSplit, bookOf, isFloat } from "./formats.ts";
import type { Matrix } from "./views.ts";

/** Sizes of the planes of a matrix in a buffer of its own, in 32-bit words. */
export interface PlaneLayout {
  /** Of the whole buffer. */
  readonly words: number;
  /** First word of plane 2, and of plane 3. */
  readonly small: number;
  readonly book: number;
}

/** Bytes that belong at `byteOffset` of the buffer; both are multiples of four. */
export interface Piece {
  readonly byteOffset: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** `width` is a whole number of blocks, or any for float types: their rows are padded with zeros to whole 32 numbers. */
export function planeLayout(dtype: DType, width: number, rows: number): PlaneLayout {
  const { words, smallBytes } = blockSplit(dtype);
  const blocks = rows * blocksPerRow(dtype, width);
  const small = blocks * words;
  const book = small + Math.ceil((blocks * smallBytes) / 4);
  return { small, book, words: book + bookOf(dtype).length };
}

/** Rows of which every slice of a matrix but the last holds a multiple: 1, 2 or 4. */
export function sliceRows(dtype: DType, width: number): number {
  const bytes = blocksPerRow(dtype, width) * blockSplit(dtype).smallBytes;
  return bytes % 4 === 0 ? 1 : bytes % 2 === 0 ? 2 : 4;
}

/**
 * What is to be written for `rows` rows of the file, which are `data`; the first is row `firstRow`, a multiple of
 * `sliceRows`. A number of rows that is no multiple of it must end the matrix: zeros follow up to the next word. The slice
 * that begins with row 0 brings the codebook. A piece may be a view of `data`; write it before `data` changes.
 */
export function splitRows(
  { dtype, width, small, book, ...matrix }: Omit<Matrix, "buffer">,
  data: Uint8Array<ArrayBuffer>,
  firstRow: number,
  rows: number,
): Piece[] {
  const rowBytes = byteLength(dtype, width);
  const end = firstRow + rows;
  const step = sliceRows(dtype, width);
  const fits = firstRow % step === 0 && (rows % step === 0 || end === matrix.rows) && end <= matrix.rows;
  if (!fits || data.length !== rows * rowBytes) {
    throw new WebggufError(
      "internal",
      `${data.length} bytes are not rows ${firstRow} to ${end} of ${matrix.rows} rows of ${width} ${dtype}, cut at multiples of ${step}.`,
    );
  }
  const split = blockSplit(dtype);
  const perRow = blocksPerRow(dtype, width);
  const blocks = rows * perRow;
  const byteOffset = firstRow * perRow * split.words * 4;
  const pieces: Piece[] = [];
  if (isFloat(dtype) && width % 32 !== 0) {
    pieces.push({ byteOffset, bytes: padRows(data, rowBytes, perRow * split.bytes) });
  } else if (split.smallBytes === 0) {
    pieces.push({ byteOffset, bytes: data });
  } else {
    const large = new Uint8Array(blocks * split.words * 4);
    const fields = new Uint8Array(Math.ceil((blocks * split.smallBytes) / 4) * 4);
    (split.smallBytes === 1 ? splitOddBlocks : splitEvenBlocks)(split, data, blocks, large, fields);
    pieces.push({ byteOffset, bytes: large });
    pieces.push({ byteOffset: small * 4 + firstRow * perRow * split.smallBytes, bytes: fields });
  }
  const words = bookOf(dtype);
  if (firstRow === 0 && words.length) pieces.push({ byteOffset: book * 4, bytes: new Uint8Array(words.buffer) });
  return pieces;
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
