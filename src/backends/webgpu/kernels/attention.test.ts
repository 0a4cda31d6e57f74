import { afterAll, describe, expect, it } from "vitest";
import type { AttentionParams } from "../../../core/graph.ts";
import type { CacheType } from "../../backend.ts";
import { type Cache, newCache, writeRows } from "../../reference/cache.ts";
import { type Matrix, newMatrix } from "../../reference/matrix.ts";
import { attention } from "../../reference/ops/attention.ts";
import type { Gpu } from "../gpu.ts";
import { download, runDispatches, testDevice, upload } from "../testing.ts";
import type { View } from "../views.ts";
import { type AttentionCall, attentionDecode, attentionPrefill } from "./attention.ts";
import { Deviations, gaussian } from "./testing.ts";

const gpu = await testDevice();
const worst = new Deviations();

interface Case extends Omit<AttentionParams, "layer" | "scale"> {
  readonly type: CacheType;
  readonly sharpness?: number;
  readonly sinks?: boolean;
  /** Position of the first token, and number of tokens, of each run; one token goes through the kernels for decode. */
  readonly runs: readonly (readonly [position: number, tokens: number])[];
}

const SHORT = [
  [0, 1],
  [0, 17],
  [17, 1],
  [9, 6],
] as const;
/** Over the boundaries of splits (32) and of chunks within a split (128). */
const LONG = [
  [31, 1],
  [32, 1],
  [299, 1],
  [199, 101],
] as const;
const CONTEXT = 303;

const heads = (h: number, kvHeads: number, headSize: number, valueSize = headSize) => ({
  heads: h,
  kvHeads,
  headSize,
  valueSize,
});

const CASES: readonly Case[] = [
  { ...heads(4, 4, 64), type: "f32", runs: SHORT },
  { ...heads(8, 4, 8), type: "f16", runs: SHORT },
  { ...heads(3, 3, 20), type: "f32", runs: SHORT },
  { ...heads(3, 3, 20), type: "f16", runs: SHORT },
  { ...heads(4, 2, 64, 32), type: "f16", runs: SHORT },
  { ...heads(5, 1, 96), type: "f32", runs: LONG },
  { ...heads(6, 2, 80), type: "f16", runs: LONG },
  { ...heads(14, 2, 64), type: "f16", runs: LONG },
  { ...heads(20, 1, 128), type: "f16", runs: LONG },
  { ...heads(2, 1, 256), type: "f32", runs: LONG },
  { ...heads(2, 1, 512), type: "f16", runs: SHORT },
  { ...heads(4, 2, 64), type: "f32", sharpness: 30, runs: LONG },
  { ...heads(4, 2, 64), type: "f32", window: 7, runs: SHORT },
  { ...heads(3, 1, 80), type: "f16", window: 100, runs: LONG },
  { ...heads(4, 2, 64), type: "f32", softcap: 2, sharpness: 30, runs: SHORT },
  { ...heads(4, 2, 64), type: "f16", sinks: true, runs: SHORT },
  { ...heads(8, 2, 64), type: "f32", sinks: true, window: 262, softcap: 5, runs: LONG },
];

const nameOf = ({ runs, type, ...rest }: Case) =>
  `${type} ${JSON.stringify(rest).replace(/[{}"]/g, "")} to ${Math.max(...runs.map(([at, count]) => at + count))}`;

function matrix(rows: number, width: number, seed: string, magnitude = 1): Matrix {
  return { data: gaussian(rows * width, seed, magnitude), rows, width };
}

function dataOf(c: Case) {
  const params: AttentionParams = { ...c, layer: 0, scale: 1 / Math.sqrt(c.headSize) };
  const cache: Cache = newCache({ keyWidth: c.kvHeads * c.headSize, valueWidth: c.kvHeads * c.valueSize }, CONTEXT);
  writeRows(matrix(CONTEXT, cache.keys.width, "k"), cache.keys, 0, c.type);
  writeRows(matrix(CONTEXT, cache.values.width, "v"), cache.values, 0, c.type);
  const sinks = c.sinks ? { data: gaussian(c.heads, "sinks"), shape: [c.heads] } : undefined;
  return { params, cache, sinks };
}

function expectedRows(c: Case, data: ReturnType<typeof dataOf>, q: Matrix, position: number): Float32Array {
  const y = newMatrix(q.rows, c.heads * c.valueSize);
  for (const _ of attention(q, data.sinks, data.cache, position, data.params, y));
  return y.data;
}

/** The bits of numbers that are halves. */
function halves(numbers: Float32Array): Uint32Array<ArrayBuffer> {
  const bits = new Uint32Array(numbers.buffer as ArrayBuffer);
  const half = (i: number) => {
    const magnitude = bits[i] & 0x7fffffff;
    const exponent = (magnitude >>> 23) - 112;
    const fraction = exponent > 0 ? (exponent << 10) | ((magnitude >>> 13) & 1023) : Math.abs(numbers[i]) * 2 ** 24;
    return ((bits[i] >>> 16) & 0x8000) | fraction;
  };
  return Uint32Array.from({ length: numbers.length / 2 }, (_, i) => half(2 * i) | (half(2 * i + 1) << 16));
}

describe("sizes", () => {
  const buffer = {} as GPUBuffer;
  const view: View = { buffer, offset: 0, stride: 64 };
  const params = { layer: 0, ...heads(2, 1, 64), scale: 1 };
  const call = { label: "a", step: buffer, q: view, keys: buffer, values: buffer, cacheType: "f16", params } as const;
  const memory = { scratch: () => buffer };

  it("refuses heads it cannot read in fours, and a result in the place of the queries", () => {
    const out: View = { ...view, offset: 128 };
    expect(() => attentionPrefill({ ...call, out, params: { ...params, headSize: 30 } })).toThrow("30 and 64");
    expect(() => attentionPrefill({ ...call, out: view })).toThrow("place of the queries");
  });

  it("keeps all query heads of a K/V head together as far as they fit", () => {
    const tile = (h: number, size: number) => {
      const request: AttentionCall = {
        ...call,
        out: { ...view, offset: 1 },
        params: { ...params, ...heads(h, 1, size) },
      };
      const [parts] = attentionDecode(request, 4096, { subgroups: false }, memory);
      return [parts.kernel.defines[0], parts.workgroups(1)[1]];
    };
    expect(tile(5, 64)).toEqual(["HEADS=5", 1]);
    expect(tile(12, 128)).toEqual(["HEADS=6", 2]);
    expect(tile(8, 512)).toEqual(["HEADS=4", 2]);
  });
});

describe.skipIf(!gpu)("attention", () => {
  const device = gpu!;
  afterAll(() => worst.print(device.adapterInfo.description));

  const variants = device?.variants.subgroups ? [true, false] : [false];

  async function actualRows(c: Case, data: ReturnType<typeof dataOf>, q: Matrix, position: number, subgroups: boolean) {
    const stored = (x: Matrix) =>
      upload(device, c.type === "f16" ? halves(x.data) : (x.data as Float32Array<ArrayBuffer>));
    const width = c.heads * c.valueSize;
    // Several tokens: q and the result side by side in one buffer; one: each its own.
    const together = q.rows > 1;
    const stride = together ? q.width + width : q.width;
    const input = new Float32Array(q.rows * stride + 4);
    for (let t = 0; t < q.rows; t++) input.set(q.data.subarray(t * q.width, (t + 1) * q.width), 4 + t * stride);
    const x: View = { buffer: upload(device, input), offset: 4, stride };
    const out: View = together
      ? { buffer: x.buffer, offset: 4 + q.width, stride }
      : { buffer: device.storage(4 * (width + 3), "out"), offset: 3, stride: width };
    const call: AttentionCall = {
      label: "attention",
      step: upload(device, new Uint32Array([position, q.rows, 0, 0])),
      q: x,
      out,
      keys: stored(data.cache.keys),
      values: stored(data.cache.values),
      cacheType: c.type,
      params: data.params,
      sinks: data.sinks && upload(device, data.sinks.data as Float32Array<ArrayBuffer>),
    };
    const memory = { scratch: (bytes: number, label: string) => device.storage(bytes, label) };
    const dispatches = q.rows === 1 ? attentionDecode(call, CONTEXT, { subgroups }, memory) : [attentionPrefill(call)];
    await runDispatches(device as Gpu, dispatches, q.rows);
    const all = new Float32Array(await download(device, out.buffer));
    const rows = new Float32Array(q.rows * width);
    for (let t = 0; t < q.rows; t++) {
      const at = out.offset + t * out.stride;
      rows.set(all.subarray(at, at + width), t * width);
    }
    return rows;
  }

  it.each(CASES.map((c) => [nameOf(c), c] as const))("%s", async (_, c) => {
    const data = dataOf(c);
    for (const [position, tokens] of c.runs) {
      const q = matrix(tokens, c.heads * c.headSize, `q ${position}`, c.sharpness);
      const expected = expectedRows(c, data, q, position);
      for (const subgroups of tokens === 1 ? variants : [false]) {
        const actual = await actualRows(c, data, q, position, subgroups);
        const kind = tokens > 1 ? "prefill" : subgroups ? "decode, subgroups" : "decode";
        const sharp = c.sharpness ? `, sharp ${c.sharpness}` : "";
        // Large scores lose what the exponential then shows.
        const limit = c.sharpness ? 1e-4 : 1e-5;
        expect(worst.measure(`${kind}, ${c.type}${sharp}`, actual, expected)).toBeLessThanOrEqual(limit);
      }
    }
  });

  it("a token of a cache that is not full does not see what lies beyond it", async () => {
    const c: Case = { ...heads(4, 2, 64), type: "f32", runs: [] };
    const data = dataOf(c);
    const q = matrix(1, 256, "q");
    const expected = expectedRows(c, data, q, 40);
    data.cache.keys.data.fill(Number.NaN, 41 * 128);
    data.cache.values.data.fill(Number.NaN, 41 * 128);
    for (const subgroups of variants) {
      expect(worst.measure("decode, f32", await actualRows(c, data, q, 40, subgroups), expected)).toBeLessThan(1e-5);
    }
    const many = matrix(9, 256, "q");
    const rows = expectedRows(c, data, many, 32);
    expect(worst.measure("prefill, f32", await actualRows(c, data, many, 32, false), rows)).toBeLessThan(1e-5);
  });
});
