import { expect, it } from "vitest";
import { randomBlocks } from "../../../test/random-blocks.ts";
import { byteLength, DTYPES, type DType } from "../../core/dtype.ts";
import { type BuildName, instantiate, loadBuild, makeMemory } from "./module.ts";
import { writeControl, writeRecord } from "./records.ts";
import { PACKED_TYPES, STRIP } from "./weights.ts";

/** The fields of a block as they stand in a strip: {at, bytes, count}, as in wasm/formats.c. */
const FIELDS: Partial<Record<DType, readonly (readonly [at: number, bytes: number, count: number])[]>> = {
  F32: [[0, 4, 1]],
  F16: [[0, 2, 1]],
  BF16: [[0, 2, 1]],
  Q4_0: [
    [0, 2, 1],
    [2, 4, 4],
  ],
  Q4_1: [
    [0, 2, 1],
    [2, 2, 1],
    [4, 4, 4],
  ],
  Q5_0: [
    [0, 2, 1],
    [2, 4, 1],
    [6, 4, 4],
  ],
  Q5_1: [
    [0, 2, 1],
    [2, 2, 1],
    [4, 4, 1],
    [8, 4, 4],
  ],
  Q8_0: [
    [0, 2, 1],
    [2, 4, 8],
  ],
  Q4_K: [
    [0, 2, 1],
    [2, 2, 1],
    [4, 1, 12],
    [16, 4, 32],
  ],
  Q5_K: [
    [0, 2, 1],
    [2, 2, 1],
    [4, 1, 12],
    [16, 4, 8],
    [48, 4, 32],
  ],
  Q6_K: [
    [208, 2, 1],
    [192, 1, 16],
    [128, 4, 8],
    [0, 4, 16],
    [160, 4, 8],
    [64, 4, 16],
  ],
};
/** Where Q5_0 and Q5_1 have their word of fifth bits. */
const FIFTH_BITS: Partial<Record<DType, number>> = { Q5_0: 2, Q5_1: 4 };

/** Item by item, row by row. */
function packPlainly(dtype: DType, data: Uint8Array, width: number, strips: number): Uint8Array {
  const { blockElements, blockBytes } = DTYPES[dtype];
  const rowBytes = byteLength(dtype, width);
  const out = new Uint8Array(data.length);
  let to = 0;
  for (let strip = 0; strip < strips; strip++) {
    for (let block = 0; block < width / blockElements; block++) {
      for (const [at, bytes, count] of FIELDS[dtype]!) {
        for (let item = 0; item < count; item++) {
          for (let row = 0; row < STRIP; row++, to += bytes) {
            const from = (strip * STRIP + row) * rowBytes + block * blockBytes + at + item * bytes;
            out.set(data.subarray(from, from + bytes), to);
            if (at === FIFTH_BITS[dtype]) permute(out.subarray(to, to + 4));
          }
        }
      }
    }
  }
  return out;
}

/** Bit e of the word goes to 8 · (e % 4) + ⌊e / 4⌋. */
function permute(word: Uint8Array): void {
  const before = word.slice();
  word.fill(0);
  for (let e = 0; e < 32; e++) word[e % 4] |= ((before[e >> 3] >> (e & 7)) & 1) << (e >> 2);
}

const PAGE = 65536;
const PROGRAM_AT = 16 * PAGE;
const FROM_AT = 17 * PAGE;
const TO_AT = 49 * PAGE;

/** The bytes that the step leaves behind; those before and after must stay as they were. */
async function pack(build: BuildName, dtype: DType, data: Uint8Array, width: number, strips: number) {
  const loaded = await loadBuild(build);
  const memory = makeMemory(loaded, 81);
  const exports = await instantiate(loaded, memory);
  const view = new DataView(memory.buffer);
  const bytes = new Uint8Array(memory.buffer);
  const to = TO_AT + 64;
  bytes.set(data, FROM_AT);
  bytes.fill(0xa5, TO_AT);
  view.setBigInt64(PROGRAM_AT, BigInt(PROGRAM_AT + 8), true);
  writeRecord(view, PROGRAM_AT + 8, {
    name: "pack",
    fields: { type: DTYPES[dtype].id, from: FROM_AT, to, width, strips },
  });
  const threads = { threads: 1, thread_areas: PROGRAM_AT + 4096, thread_area_bytes: 4096, thread_row_bytes: 64 };
  writeControl(view, exports.control_address(), { ...threads, thread_act_bytes: 64, program: PROGRAM_AT, steps: 1 });
  exports.begin();
  while (!exports.run(performance.now() + 1000));
  expect(bytes.subarray(TO_AT, to).every((byte) => byte === 0xa5)).toBe(true);
  expect(bytes.subarray(to + data.length).every((byte) => byte === 0xa5)).toBe(true);
  return bytes.slice(to, to + data.length);
}

const cases = [...PACKED_TYPES].flatMap((dtype) => {
  const { blockElements } = DTYPES[dtype];
  // Widths that no vector fits where there are such, and strips that take several chunks.
  const widths = blockElements === 1 ? [1, 7, 37, 512] : [1, 3, 5].map((blocks) => blocks * blockElements);
  return widths.flatMap((width) => [1, 3, 40].map((strips) => [dtype, width, strips] as const));
});

it.each(cases)("%s, rows of %d, %d strips, as item by item", async (dtype, width, strips) => {
  const data = randomBlocks(DTYPES[dtype].id, strips * STRIP * byteLength(dtype, width));
  const expected = packPlainly(dtype, data, width, strips);
  for (const build of ["relaxed", "simd128"] as const) {
    const packed = await pack(build, dtype, data, width, strips);
    expect(Buffer.compare(packed, expected)).toBe(0);
  }
});
