import { describe, expect, it } from "vitest";
import { randomBlocks } from "../../../test/random-blocks.ts";
import { byteLength, DTYPES, type DType } from "../../core/dtype.ts";
import { blockSplit, bookOf, isFloat } from "./formats.ts";
import { planeLayout, sliceRows, splitRows } from "./planes.ts";

const TYPES = Object.keys(DTYPES) as DType[];
const ROWS = 7;

/** Three blocks to a row, so that the small fields of a row end between two words. */
const widthOf = (dtype: DType) => (isFloat(dtype) ? 96 : 3 * DTYPES[dtype].blockElements);

function matrix(dtype: DType, width: number, rows: number) {
  return { dtype, width, rows, ...planeLayout(dtype, width, rows) };
}
type Layout = ReturnType<typeof matrix>;

/** The buffer after all slices have been written, filled with ones before. */
function buffer(layout: Layout, data: Uint8Array<ArrayBuffer>, rowsAtOnce: number): Uint8Array {
  const out = new Uint8Array(layout.words * 4).fill(255);
  const rowBytes = data.length / layout.rows;
  const pieces = [];
  for (let row = 0; row < layout.rows; row += rowsAtOnce) {
    const end = Math.min(layout.rows, row + rowsAtOnce);
    pieces.push(...splitRows(layout, data.slice(row * rowBytes, end * rowBytes), row, end - row));
  }
  for (const { byteOffset, bytes } of pieces) {
    expect([byteOffset % 4, bytes.length % 4]).toEqual([0, 0]);
    out.set(bytes, byteOffset);
  }
  return out;
}

/** The bytes of the file again. */
function joined({ dtype, small, rows, width }: Layout, planes: Uint8Array): Uint8Array {
  const { bytes, words, smallBytes, smallAt } = blockSplit(dtype);
  const out = new Uint8Array(byteLength(dtype, rows * width));
  for (let block = 0; block * bytes < out.length; block++) {
    const field = planes.subarray(small * 4 + block * smallBytes, small * 4 + (block + 1) * smallBytes);
    const rest = planes.subarray(block * words * 4, (block + 1) * words * 4);
    out.set(rest.subarray(0, smallAt), block * bytes);
    out.set(field, block * bytes + smallAt);
    out.set(rest.subarray(smallAt), block * bytes + smallAt + smallBytes);
  }
  return out;
}

describe("planes", () => {
  it.each(TYPES)("%s comes back from them, whole or in slices", (dtype) => {
    const width = widthOf(dtype);
    const data = randomBlocks(DTYPES[dtype].id, byteLength(dtype, ROWS * width));
    const layout = matrix(dtype, width, ROWS);
    const whole = buffer(layout, data, ROWS);
    expect(joined(layout, whole)).toEqual(data);
    expect(buffer(layout, data, sliceRows(dtype, width))).toEqual(whole);
    expect(new Uint8Array(bookOf(dtype).buffer)).toEqual(whole.slice(layout.book * 4));
  });

  it("take no more than the file, but for the codebook and the end of a word", () => {
    for (const dtype of TYPES) {
      const width = widthOf(dtype);
      const words = planeLayout(dtype, width, ROWS).words - bookOf(dtype).length;
      expect(words, dtype).toBe(Math.ceil(byteLength(dtype, ROWS * width) / 4));
    }
  });

  it("pad rows of floats with zeros", () => {
    const layout = matrix("F16", 33, 2);
    expect(layout.words).toBe(64);
    const data = new Uint8Array(2 * 66).fill(1);
    const [{ byteOffset, bytes }] = splitRows(layout, data, 0, 2);
    expect([byteOffset, bytes.length]).toEqual([0, 256]);
    for (let i = 0; i < 256; i++) expect(bytes[i], `${i}`).toBe(i % 128 < 66 ? 1 : 0);
  });

  it("split data at an odd place of its buffer", () => {
    const layout = matrix("Q6_K", 256, 2);
    const data = randomBlocks(1, 420);
    const moved = new Uint8Array(421).subarray(1);
    moved.set(data);
    expect(splitRows(layout, moved, 0, 2)).toEqual(splitRows(layout, data, 0, 2));
  });

  it("refuse slices that do not fit", () => {
    const layout = matrix("Q4_0", 96, 4);
    expect(sliceRows("Q4_0", 96)).toBe(2);
    expect(sliceRows("MXFP4", 96)).toBe(4);
    expect(() => splitRows(layout, new Uint8Array(54), 1, 1)).toThrow("not rows");
    expect(() => splitRows(layout, new Uint8Array(107), 0, 2)).toThrow("not rows");
    expect(() => splitRows(layout, new Uint8Array(3 * 54), 2, 3)).toThrow("not rows");
    expect(() => splitRows(layout, new Uint8Array(54), 0, 1)).toThrow("not rows");
  });
});
