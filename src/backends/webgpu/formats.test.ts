import { afterAll, describe, expect, it } from "vitest";
import { byteLength, DTYPES, type DType } from "../../core/dtype.ts";
import { dequantize } from "../../quant/index.ts";
import { randomWeights, setSubnormalScales } from "../cases/random-weights.ts";
import { bookOf, PACKED_TYPES } from "./formats.ts";
import { type Dispatch, decoderDefines } from "./kernel.ts";
import { planeLayout, splitRows } from "./planes.ts";
import { SOURCES } from "./sources.ts";
import { download, runDispatches, testDevice } from "./testing.ts";

const TYPES = Object.keys(DTYPES) as DType[];
const gpu = await testDevice();

/** Numbers as shaders/check/decode.wgsl finds them, row by row, padding included. */
async function decoded(
  dtype: DType,
  data: Uint8Array<ArrayBuffer>,
  width: number,
  rows: number,
  flags: readonly string[] = [],
) {
  if (!gpu) throw new Error("no GPU");
  const layout = planeLayout(dtype, width, rows);
  const chunks = rows * Math.ceil(width / 32);
  const weights = gpu.storage(layout.words * 4, dtype);
  const result = gpu.storage(chunks * 128, "result");
  for (const { byteOffset, bytes } of splitRows({ dtype, width, rows, ...layout }, data, 0, rows)) {
    gpu.device.queue.writeBuffer(weights, byteOffset, bytes);
  }
  const dispatch: Dispatch = {
    kernel: {
      file: "check/decode.wgsl",
      defines: flags,
      weights: [dtype],
      constants: { chunks, small_0: layout.small, book_0: layout.book },
    },
    buffers: [weights, result],
    workgroups: () => [Math.ceil(chunks / 64), 1, 1],
    label: dtype,
  };
  await runDispatches(gpu, [dispatch]);
  const numbers = new Float32Array(await download(gpu, result));
  weights.destroy();
  result.destroy();
  return numbers;
}

/** The largest difference over the largest magnitude; NaN when a number is no number. */
function deviation(got: Float32Array, wanted: Float32Array): number {
  let difference = 0;
  let magnitude = 0;
  for (let i = 0; i < wanted.length; i++) {
    difference = Math.max(difference, Math.abs(got[i] - wanted[i]));
    magnitude = Math.max(magnitude, Math.abs(wanted[i]));
  }
  return difference / magnitude;
}

it.each(TYPES)("%s has a decoder with the functions that the tables promise", (dtype) => {
  const text = SOURCES[`quant/${dtype.toLowerCase()}.wgsl`];
  expect(text).toContain("fn decode_32$(at: u32) -> array<vec4<f32>, 8> {");
  expect(text.includes("fn ints_32$(at: u32) -> Ints$ {")).toBe(PACKED_TYPES.has(dtype));
  expect(text.includes("book$")).toBe(bookOf(dtype).length > 0);
});

describe.skipIf(!gpu)(`decoders on ${gpu?.adapterInfo.description || gpu?.adapterInfo.vendor}`, () => {
  afterAll(() => gpu?.close());

  const ways = TYPES.flatMap((dtype) => [
    { dtype, flags: [] },
    ...(PACKED_TYPES.has(dtype) ? [{ dtype, flags: ["INTS"] }] : []),
    ...decoderDefines([dtype], { ownHalves: true }).map((flag) => ({ dtype, flags: [flag] })),
  ]);
  it.each(ways)("$dtype $flags", async ({ dtype, flags }) => {
    const rows = 21;
    const width = 3 * Math.max(32, DTYPES[dtype].blockElements);
    const data = randomWeights(dtype, rows * width, "decode");
    setSubnormalScales(dtype, data.subarray(0, data.length / rows));
    const got = await decoded(dtype, data, width, rows, flags);
    const off = deviation(got, dequantize(dtype, data, rows * width));
    console.log(`${dtype} ${flags}: ${off.toExponential(1)}`);
    expect(off).toBeLessThanOrEqual(1e-6);
  });

  it.each(["F32", "F16", "BF16"] as const)("%s rows that are no whole chunks", async (dtype) => {
    const data = randomWeights(dtype, 3 * 45, "odd");
    const wanted = dequantize(dtype, data, 3 * 45);
    const got = await decoded(dtype, data, 45, 3);
    for (let row = 0; row < 3; row++) {
      expect([...got.subarray(64 * row, 64 * row + 45)]).toEqual([...wanted.subarray(45 * row, 45 * row + 45)]);
      expect([...got.subarray(64 * row + 45, 64 * (row + 1))]).toEqual(new Array(19).fill(0));
    }
  });

  it.each([[[]], [["OWN_HALVES"]]])("scales that are subnormal halves count in full %s", async (flags) => {
    const data = new Uint8Array(byteLength("Q8_0", 128)).fill(100);
    const halves = [0x0001, 0x03ff, 0x8155, 0x0400];
    for (const [block, half] of halves.entries()) new DataView(data.buffer).setUint16(34 * block, half, true);
    const got = await decoded("Q8_0", data, 128, 1, flags);
    expect([0, 32, 64, 96].map((i) => got[i])).toEqual([1, 1023, -341, 1024].map((x) => (100 * x) / 2 ** 24));
  });

  it("MXFP4 has every scale that is a normal float", async () => {
    const data = new Uint8Array(17 * 256).fill(0x91);
    for (let s = 0; s < 256; s++) data[17 * s] = s;
    const got = await decoded("MXFP4", data, 32, 256);
    for (let s = 2; s < 256; s++) expect([got[32 * s], got[32 * s + 16]]).toEqual([2 ** (s - 128), -(2 ** (s - 128))]);
  });

  it("NVFP4 has every scale", async () => {
    const data = new Uint8Array(36 * 64).fill(0x11);
    for (let s = 0; s < 256; s++) data[36 * (s >> 2) + (s & 3)] = s;
    const got = await decoded("NVFP4", data, 64, 64);
    expect(got).toEqual(dequantize("NVFP4", data, 64 * 64));
  });
});
