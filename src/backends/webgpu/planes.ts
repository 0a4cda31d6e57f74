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
    const large = new Uint32Array(blocks * split.words);
    const fields = new Uint8Array(Math.ceil((blocks * split.smallBytes) / 4) * 4);
    splitBlocks(split, data, blocks, large, fields);
    pieces.push({ byteOffset, bytes: new Uint8Array(large.buffer) });
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

/** Reads and writes whole words, shifted where the words of a block begin within one. */
function splitBlocks(
  { bytes, words, smallBytes, smallAt }: BlockSplit,
  data: Uint8Array<ArrayBuffer>,
  blocks: number,
  large: Uint32Array,
  small: Uint8Array,
): void {
  const source = asWords(data);
  const skip = smallAt === 0 ? smallBytes : 0;
  let to = 0;
  for (let block = 0; block < blocks; block++) {
    const begin = block * bytes;
    const field = begin + smallAt;
    const fieldTo = block * smallBytes;
    small[fieldTo] = data[field];
    if (smallBytes === 2) small[fieldTo + 1] = data[field + 1];
    let from = (begin + skip) >> 2;
    const right = ((begin + skip) & 3) * 8;
    const left = 32 - right;
    const end = to + words;
    if (right === 0) {
      while (to < end) large[to++] = source[from++];
    } else {
      for (let word = source[from++]; to < end; to++) {
        const next = source[from++];
        large[to] = (word >>> right) | (next << left);
        word = next;
      }
    }
  }
}

/** The same bytes as words, the last one filled up; a copy where they do not lie on whole words. */
function asWords(data: Uint8Array<ArrayBuffer>): Uint32Array {
  if (data.byteOffset % 4 === 0 && data.length % 4 === 0) {
    return new Uint32Array(data.buffer, data.byteOffset, data.length / 4);
  }
  const words = new Uint32Array(Math.ceil(data.length / 4));
  new Uint8Array(words.buffer).set(data);
  return words;
}
