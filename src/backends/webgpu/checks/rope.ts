import type { RopeParams } from "../../../core/graph.ts";
import { fillRotation } from "../../graph-utils/rotation.ts";
import type { Kernel } from "../kernel.ts";
import { ropeAppend, type TurnedHeads } from "../kernels/rope.ts";
import type { View } from "../views.ts";
import {
  type CaseBuffers,
  expectNumbers,
  expectRows,
  gaussian,
  HALF_ROUNDING,
  has,
  type KernelCase,
  ROUNDING,
} from "./case.ts";
import { cacheValues } from "./halves.ts";

const TOKENS = 3;
const POSITION = 2;
const EPS = 1e-5;
const ROTATION_AT = 8;

interface Part {
  readonly name: "q" | "k" | "v";
  readonly heads: number;
  readonly size: number;
  readonly data: Float32Array<ArrayBuffer>;
  readonly norm?: Float32Array<ArrayBuffer>;
  view: View;
}

/** Norm, rotation and cache, those that the kernel has. */
export function ropeCase(kernel: Kernel, buffers: CaseBuffers): KernelCase {
  const { head_size: headSize, value_size: valueSize, kv_heads: kvHeads } = kernel.constants;
  const rotaryDims = kernel.constants.rotary_dims && Math.min(headSize, kernel.constants.rotary_dims);
  const pairing = has(kernel, "NEIGHBOURS") ? "neighbours" : "halves";
  const type = has(kernel, "KV_F16") ? "f16" : "f32";
  const part = (name: Part["name"], heads: number, size: number): Part => ({
    name,
    heads,
    size,
    data: gaussian(TOKENS * heads * size, name),
    norm: has(kernel, `${name.toUpperCase()}_NORM`) ? gaussian(size, `${name} norm`) : undefined,
    view: { buffer: step, offset: 0, stride: 0 },
  });
  const words = new Uint32Array(ROTATION_AT + TOKENS * rotaryDims);
  words.set([POSITION, TOKENS]);
  const table = new Float32Array(words.buffer, ROTATION_AT * 4);
  if (rotaryDims) fillRotation(table, { ...ROPE, rotaryDims, headSize, pairing }, undefined, POSITION, TOKENS);
  const step = buffers.upload(words);

  const q = has(kernel, "Q_OUT") ? part("q", 4, headSize) : undefined;
  const k = kvHeads ? part("k", 2, headSize) : undefined;
  const v = has(kernel, "CACHE") ? part("v", 2, valueSize) : undefined;
  const parts = [q, k, v].filter((p) => p !== undefined);
  const work = layOut(kernel, buffers, parts);
  const turned = (p: Part | undefined, spare: number): TurnedHeads | undefined => {
    if (!p) return undefined;
    const name = p.name.toUpperCase();
    const inPlace = has(kernel, `${name}_IN_OUT`);
    const out = !has(kernel, `${name}_OUT`) || !work ? undefined : inPlace ? p.view : { ...work, offset: spare };
    return { x: p.view, heads: p.heads, out, norm: p.norm && buffers.upload(p.norm) };
  };
  const queries = turned(q, 0);
  const keys = turned(k, q ? q.heads * q.size : 0);
  const cacheBytes = (size: number) => (POSITION + TOKENS) * 2 * size * (type === "f16" ? 2 : 4);
  const cache =
    v &&
    ({
      v: v.view,
      valueSize,
      keys: buffers.storage(cacheBytes(headSize)),
      values: buffers.storage(cacheBytes(valueSize)),
      type,
    } as const);
  const rotation = rotaryDims ? ({ rotaryDims, pairing, at: ROTATION_AT } as const) : undefined;
  const dispatch = ropeAppend({ label: "check", step, q: queries, k: keys, headSize, eps: EPS, rotation, cache });

  const turn = (p: Part) => rotated(normed(p), p, table, rotaryDims, pairing);
  const rounding = type === "f16" ? HALF_ROUNDING : ROUNDING;
  const cached = (buffer: GPUBuffer, rows: Float32Array) => {
    const width = rows.length / TOKENS;
    const all = new Float32Array((POSITION + TOKENS) * width);
    all.set(rows, POSITION * width);
    return expectNumbers(buffer, all, rounding, (content) => cacheValues(content, type));
  };
  return {
    dispatches: [dispatch],
    rows: TOKENS,
    results: [
      ...(q && queries?.out ? [expectRows(queries.out, q.heads * q.size, turn(q), ROUNDING)] : []),
      ...(k && keys?.out ? [expectRows(keys.out, k.heads * k.size, turn(k), ROUNDING)] : []),
      ...(k && v && cache ? [cached(cache.keys, turn(k)), cached(cache.values, v.data)] : []),
    ],
  };
}

const ROPE: RopeParams = {
  headSize: 0,
  heads: 1,
  rotaryDims: 0,
  pairing: "halves",
  freqBase: 10000,
  freqScale: 1,
  extFactor: 0,
  attnFactor: 1,
  betaFast: 32,
  betaSlow: 1,
  originalContext: 4096,
};

/**
 * Gives the parts their views: one buffer for results and the parts that lie there, others in buffers of their own. The
 * first rows' worth of q and k is free, for results that go elsewhere.
 */
function layOut(kernel: Kernel, buffers: CaseBuffers, parts: readonly Part[]): View | undefined {
  const width = (p: Part) => p.heads * p.size;
  const isInside = (p: Part) => has(kernel, `${p.name.toUpperCase()}_IN_OUT`);
  const free = parts.filter((p) => p.name !== "v").reduce((sum, p) => sum + width(p), 0);
  const stride = free + parts.filter(isInside).reduce((sum, p) => sum + width(p), 0);
  const all = new Float32Array(TOKENS * stride);
  const offsets = new Map<Part, number>();
  let offset = free;
  for (const p of parts.filter(isInside)) {
    for (let t = 0; t < TOKENS; t++) {
      all.set(p.data.subarray(t * width(p), (t + 1) * width(p)), t * stride + offset);
    }
    offsets.set(p, offset);
    offset += width(p);
  }
  const work: View | undefined = has(kernel, "WORK") ? { buffer: buffers.upload(all), offset: 0, stride } : undefined;
  for (const p of parts) {
    const at = offsets.get(p);
    p.view =
      work && at !== undefined
        ? { ...work, offset: at }
        : { buffer: buffers.upload(p.data), offset: 0, stride: width(p) };
  }
  return work;
}

function normed({ data, size, norm }: Part): Float32Array {
  if (!norm) return data;
  const out = new Float32Array(data.length);
  for (let start = 0; start < data.length; start += size) {
    const head = data.subarray(start, start + size);
    const scale = 1 / Math.sqrt(head.reduce((sum, x) => sum + x * x, 0) / size + EPS);
    head.forEach((x, i) => {
      out[start + i] = x * scale * norm[i];
    });
  }
  return out;
}

/** Pair i of each head turned by the angle whose cosine and sine are the table's. */
function rotated(
  x: Float32Array,
  { heads, size }: Part,
  table: Float32Array,
  rotaryDims: number,
  pairing: RopeParams["pairing"],
): Float32Array {
  const out = Float32Array.from(x);
  for (let head = 0; head < TOKENS * heads; head++) {
    const token = Math.floor(head / heads);
    for (let i = 0; i < rotaryDims / 2; i++) {
      const a = head * size + (pairing === "neighbours" ? 2 * i : i);
      const b = pairing === "neighbours" ? a + 1 : a + rotaryDims / 2;
      const cos = table[token * rotaryDims + 2 * i];
      const sin = table[token * rotaryDims + 2 * i + 1];
      out[a] = x[a] * cos - x[b] * sin;
      out[b] = x[a] * sin + x[b] * cos;
    }
  }
  return out;
}
