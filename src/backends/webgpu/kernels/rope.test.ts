import { afterAll, describe, expect, it } from "vitest";
import type { RopeParams } from "../../../core/graph.ts";
import type { CacheType } from "../../backend.ts";
import { SeededRandom } from "../../cases/random.ts";
import { fillRotation } from "../../graph-utils/rotation.ts";
import { type Cache, newCache } from "../../reference/cache.ts";
import { type Matrix, newMatrix } from "../../reference/matrix.ts";
import { kvAppend } from "../../reference/ops/kv-append.ts";
import { rmsNorm } from "../../reference/ops/rms-norm.ts";
import { rope } from "../../reference/ops/rope.ts";
import { download, runDispatches, testDevice, upload } from "../testing.ts";
import type { View } from "../views.ts";
import { ropeAppend } from "./rope.ts";

const gpu = await testDevice();
const worst = new Map<string, number>();

const TOKENS = 5;
const POSITION = 7;
const CONTEXT = 16;
const EPS = 1e-6;
const ROTATION_AT = 16;

interface Shape {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
  readonly valueSize: number;
  readonly rotaryDims: number;
  readonly pairing: RopeParams["pairing"];
}

const SHAPES: readonly Shape[] = (["neighbours", "halves"] as const).flatMap((pairing) => [
  { heads: 4, kvHeads: 2, headSize: 64, valueSize: 64, rotaryDims: 64, pairing },
  { heads: 3, kvHeads: 1, headSize: 96, valueSize: 64, rotaryDims: 20, pairing },
  { heads: 5, kvHeads: 5, headSize: 20, valueSize: 20, rotaryDims: 16, pairing },
  { heads: 2, kvHeads: 1, headSize: 256, valueSize: 256, rotaryDims: 256, pairing },
  { heads: 4, kvHeads: 2, headSize: 8, valueSize: 12, rotaryDims: 0, pairing },
]);

const paramsOf = ({ headSize, rotaryDims, pairing }: Shape, heads: number): RopeParams => ({
  headSize,
  heads,
  rotaryDims,
  pairing,
  freqBase: 10000,
  freqScale: 1,
  extFactor: 0,
  attnFactor: 1,
  betaFast: 32,
  betaSlow: 1,
  originalContext: 4096,
});

function gaussian(rows: number, width: number, seed: string): Matrix {
  const random = new SeededRandom(seed);
  const matrix = newMatrix(rows, width);
  matrix.data.forEach((_, i) => {
    matrix.data[i] = random.gaussian();
  });
  return matrix;
}

/** What the reference makes of q, k and v. */
function expectedOf(shape: Shape, inputs: Inputs, normed: boolean, type: CacheType) {
  const { heads, kvHeads, headSize, valueSize, rotaryDims } = shape;
  const turn = (x: Matrix, count: number, weight: Matrix) => {
    let y = x;
    if (normed) {
      y = newMatrix(TOKENS, x.width);
      const tensor = { data: weight.data, shape: [headSize] };
      for (const _ of rmsNorm(x, tensor, { eps: EPS, groups: count }, y));
    }
    if (!rotaryDims) return y;
    const z = newMatrix(TOKENS, x.width);
    for (const _ of rope(y, undefined, POSITION, paramsOf(shape, count), z));
    return z;
  };
  const q = turn(inputs.q, heads, inputs.qNorm);
  const k = turn(inputs.k, kvHeads, inputs.kNorm);
  const cache: Cache = newCache({ keyWidth: kvHeads * headSize, valueWidth: kvHeads * valueSize }, CONTEXT);
  for (const _ of kvAppend(k, inputs.v, cache, POSITION, type));
  return { q, k, cache };
}

type Inputs = ReturnType<typeof inputsOf>;

function inputsOf({ heads, kvHeads, headSize, valueSize }: Shape) {
  return {
    q: gaussian(TOKENS, heads * headSize, "q"),
    k: gaussian(TOKENS, kvHeads * headSize, "k"),
    v: gaussian(TOKENS, kvHeads * valueSize, "v"),
    qNorm: gaussian(1, headSize, "q norm"),
    kNorm: gaussian(1, headSize, "k norm"),
  };
}

function check(name: string, actual: ArrayLike<number>, expected: ArrayLike<number>, limit: number): void {
  expect(actual.length).toBe(expected.length);
  let [largest, squares] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i] - expected[i]);
    largest = Math.max(largest, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
    squares += expected[i] ** 2;
  }
  const deviation = largest / Math.max(1e-30, Math.sqrt(squares / expected.length));
  worst.set(name, Math.max(worst.get(name) ?? 0, deviation));
  expect(deviation).toBeLessThanOrEqual(limit);
}

describe("what does not fit one dispatch", () => {
  const view = (buffer = {} as GPUBuffer): View => ({ buffer, offset: 0, stride: 8 });
  const step = {} as GPUBuffer;
  const call = { label: "blk.0.rope", step, headSize: 8 };
  const cache = { v: view(), valueSize: 8, keys: {} as GPUBuffer, values: {} as GPUBuffer, type: "f16" } as const;

  it.each([
    ["nothing would be written", { ...call, k: { x: view(), heads: 1 } }],
    ["two buffers", { ...call, q: { x: view(), heads: 1, out: view() }, k: { x: view(), heads: 1, out: view() } }],
    ["with a norm", { ...call, q: { x: view(), heads: 1, out: view(), norm: step } }],
    ["no place to go", { ...call, q: { x: view(), heads: 1 } }],
    ["k and v together", { ...call, cache }],
    ["whole words", { ...call, headSize: 7, k: { x: view(), heads: 1 }, cache }],
  ])("%s", (message, request) => {
    expect(() => ropeAppend(request)).toThrow(message);
  });
});

describe.skipIf(!gpu)("rope_append", () => {
  const device = gpu!;
  afterAll(() => {
    const lines = [...worst].map(([what, deviation]) => `  ${what.padEnd(24)} ${deviation.toExponential(1)}`);
    console.info(`${device.adapterInfo.description}: largest deviation relative to the RMS\n${lines.join("\n")}`);
  });

  const array = (matrix: Matrix) => matrix.data as Float32Array<ArrayBuffer>;

  function stepOf(shape: Shape): GPUBuffer {
    const words = new Uint32Array(ROTATION_AT + TOKENS * shape.rotaryDims);
    words.set([POSITION, TOKENS, 0, 0]);
    const table = new Float32Array(words.buffer, ROTATION_AT * 4);
    if (shape.rotaryDims) fillRotation(table, paramsOf(shape, 1), undefined, POSITION, TOKENS);
    return upload(device, words, "step");
  }

  async function rowsOf({ buffer, offset, stride }: View, width: number): Promise<Float32Array> {
    const all = new Float32Array(await download(device, buffer));
    const rows = new Float32Array(TOKENS * width);
    for (let t = 0; t < TOKENS; t++)
      rows.set(all.subarray(offset + t * stride, offset + t * stride + width), t * width);
    return rows;
  }

  async function cacheOf(buffer: GPUBuffer, numbers: number, type: CacheType): Promise<Float32Array> {
    const bytes = await download(device, buffer);
    if (type === "f32") return new Float32Array(bytes, 0, numbers);
    return Float32Array.from(new Uint16Array(bytes, 0, numbers), widened);
  }

  function cachesOf({ kvHeads, headSize, valueSize }: Shape, type: CacheType) {
    const bytes = (size: number) => CONTEXT * kvHeads * size * (type === "f16" ? 2 : 4);
    return { keys: device.storage(bytes(headSize), "keys"), values: device.storage(bytes(valueSize), "values"), type };
  }

  const rotationOf = ({ rotaryDims, pairing }: Shape) =>
    rotaryDims ? { rotaryDims, pairing, at: ROTATION_AT } : undefined;

  describe.each(
    SHAPES.map((s) => [`${s.heads}/${s.kvHeads} heads of ${s.headSize}, ${s.rotaryDims} ${s.pairing}`, s] as const),
  )("%s", (_, shape) => {
    const { heads, kvHeads, headSize, valueSize } = shape;
    const inputs = inputsOf(shape);

    it.each([
      [false, "f32"],
      [true, "f32"],
      [false, "f16"],
      [true, "f16"],
    ] as const)("q, k and v side by side, in place; norms: %s, %s cache", async (normed, type) => {
      const expected = expectedOf(shape, inputs, normed, type);
      const widths = [inputs.q.width, inputs.k.width, inputs.v.width];
      const stride = widths[0] + widths[1] + widths[2];
      const qkv = new Float32Array(TOKENS * stride);
      for (let t = 0; t < TOKENS; t++) {
        let at = t * stride;
        for (const { data, width } of [inputs.q, inputs.k, inputs.v]) {
          qkv.set(data.subarray(t * width, (t + 1) * width), at);
          at += width;
        }
      }
      const buffer = upload(device, qkv);
      const views = [0, widths[0], widths[0] + widths[1]].map((offset): View => ({ buffer, offset, stride }));
      const norm = (weight: Matrix) => (normed ? upload(device, array(weight)) : undefined);
      const caches = cachesOf(shape, type);
      const dispatch = ropeAppend({
        label: "test",
        step: stepOf(shape),
        headSize,
        eps: EPS,
        q: { x: views[0], out: views[0], heads, norm: norm(inputs.qNorm) },
        k: { x: views[1], heads: kvHeads, norm: norm(inputs.kNorm) },
        rotation: rotationOf(shape),
        cache: { ...caches, v: views[2], valueSize },
      });
      await runDispatches(device, [dispatch], TOKENS);
      check("q", await rowsOf(views[0], widths[0]), expected.q.data, 1e-5);
      // k stays as it was outside the cache.
      check("k as it was", await rowsOf(views[1], widths[1]), inputs.k.data, 0);
      const limit = type === "f16" ? 1e-3 : 1e-5;
      const { keys, values } = expected.cache;
      check(`keys, ${type}`, await cacheOf(caches.keys, keys.data.length, type), keys.data, limit);
      check(`values, ${type}`, await cacheOf(caches.values, values.data.length, type), values.data, limit);
    });

    it("q to another buffer; k in place as well; k and v from buffers of their own", async () => {
      const expected = expectedOf(shape, inputs, false, "f32");
      const [q, k, v] = [inputs.q, inputs.k, inputs.v].map(
        (x): View => ({ buffer: upload(device, array(x)), offset: 0, stride: x.width }),
      );
      const out: View = { ...q, buffer: device.storage(4 * inputs.q.data.length, "out") };
      const caches = cachesOf(shape, "f32");
      const call = { label: "test", step: stepOf(shape), headSize, rotation: rotationOf(shape) };
      await runDispatches(
        device,
        [
          ropeAppend({ ...call, q: { x: q, out, heads } }),
          ropeAppend({ ...call, k: { x: k, out: k, heads: kvHeads } }),
          ropeAppend({ ...call, rotation: undefined, k: { x: k, heads: kvHeads }, cache: { ...caches, v, valueSize } }),
        ],
        TOKENS,
      );
      check("q", await rowsOf(out, inputs.q.width), expected.q.data, 1e-5);
      check("k", await rowsOf(k, inputs.k.width), expected.k.data, 1e-5);
      const { keys, values } = expected.cache;
      check("keys, f32", await cacheOf(caches.keys, keys.data.length, "f32"), keys.data, 1e-5);
      check("values, f32", await cacheOf(caches.values, values.data.length, "f32"), values.data, 0);
    });
  });
});

function widened(half: number): number {
  const [sign, exponent, fraction] = [half & 0x8000 ? -1 : 1, (half >> 10) & 31, half & 1023];
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -24 * fraction);
}
