import { WebggufError } from "../../../core/errors.ts";
import type { CacheType } from "../../backend.ts";
import type { Dispatch } from "../kernel.ts";
import type { View } from "../views.ts";
import { placeConstants } from "./bindings.ts";

/** Heads of q or k on their way from the product to attention. */
export interface TurnedHeads {
  readonly x: View;
  readonly heads: number;
  /** Where the result goes: often the same place as `x`. q needs it; k only if something other than the cache reads it. */
  readonly out?: View;
  /** RMS norm of each head before the rotation: weight of head size. Then `x` and every `out` are in one buffer. */
  readonly norm?: GPUBuffer;
}

export interface RopeAppend {
  readonly label: string;
  readonly step: GPUBuffer;
  readonly q?: TurnedHeads;
  readonly k?: TurnedHeads;
  readonly headSize: number;
  /** Of both norms. */
  readonly eps?: number;
  /** One rotation for q and k; none leaves them as they are. `at`: first word of its table in the step buffer. */
  readonly rotation?: {
    readonly rotaryDims: number;
    readonly pairing: "neighbours" | "halves";
    readonly at: number;
  };
  /** Writes k and v (as many heads as k has, `valueSize` numbers each) at the tokens' positions. Needs k. */
  readonly cache?: {
    readonly v: View;
    readonly valueSize: number;
    readonly keys: GPUBuffer;
    readonly values: GPUBuffer;
    readonly type: CacheType;
  };
}

const THREADS = 64;

/**
 * Norm, rotation and cache in one dispatch; see shaders/ops/rope_append.wgsl. Every `out` must be in one buffer. Throws
 * `internal` for what does not fit one dispatch: then make several, one for each part.
 */
export function ropeAppend({ label, step, q, k, headSize, eps = 0, rotation, cache }: RopeAppend): Dispatch {
  const work = q?.out?.buffer ?? k?.out?.buffer;
  const normed = [q, k].filter((heads) => heads?.norm);
  const valueSize = cache?.valueSize ?? headSize;
  if (q && !q.out) throw misuse(label, "q has no place to go");
  if (cache && !k) throw misuse(label, "a cache is filled with k and v together");
  if (!work && !cache) throw misuse(label, "nothing would be written");
  if ([q, k].some((heads) => heads?.out && heads.out.buffer !== work)) throw misuse(label, "results go to two buffers");
  if (normed.length && [q, k].some((heads) => heads && heads.x.buffer !== work)) {
    throw misuse(label, "with a norm, q and k must be where the results go");
  }
  if (cache?.type === "f16" && (headSize % 2 || valueSize % 2)) {
    throw misuse(label, `heads of ${headSize} and ${valueSize} numbers do not fill whole words of an f16 cache`);
  }
  const flags: Record<string, unknown> = {
    WORK: work,
    CACHE: cache,
    KV_F16: cache?.type === "f16",
    NEIGHBOURS: rotation?.pairing === "neighbours",
    NORM: normed.length,
    Q_NORM: q?.norm,
    K_NORM: k?.norm,
    Q_OUT: q?.out,
    K_OUT: k?.out,
    Q_IN_OUT: q && q.x.buffer === work,
    K_IN_OUT: k && k.x.buffer === work,
    V_IN_OUT: cache && cache.v.buffer === work,
  };
  const views = { q: q?.x, k: k?.x, v: cache?.v, q_out: q?.out, k_out: k?.out };
  const source = (buffer: GPUBuffer | undefined) => (buffer && buffer !== work ? buffer : step);
  const kvHeads = k?.heads ?? 0;
  const heads = (q?.heads ?? 0) + kvHeads * (cache ? 2 : 1);
  return {
    label,
    kernel: {
      file: "ops/rope_append.wgsl",
      defines: Object.keys(flags).filter((name) => flags[name]),
      weights: [],
      constants: {
        threads: THREADS,
        eps,
        q_heads: q?.heads ?? 0,
        kv_heads: kvHeads,
        head_size: headSize,
        value_size: valueSize,
        rotary_dims: rotation?.rotaryDims ?? 0,
        rotation_at: rotation?.at ?? 0,
        ...placeConstants(Object.fromEntries(Object.entries(views).flatMap(([name, v]) => (v ? [[name, v]] : [])))),
      },
    },
    buffers: [
      step,
      q?.norm ?? source(q?.x.buffer),
      k?.norm ?? source(k?.x.buffer),
      source(cache?.v.buffer),
      ...(cache ? [cache.keys, cache.values] : []),
      ...(work ? [work] : []),
    ],
    workgroups: (rows) => [heads, rows, 1],
  };
}

const misuse = (label: string, what: string) => new WebggufError("internal", `${label}: ${what}.`);
