import { WebggufError } from "../../../core/errors.ts";
import type { AttentionParams } from "../../../core/graph.ts";
import type { CacheType } from "../../backend.ts";
import type { Dispatch, Kernel, Variants } from "../kernel.ts";
import type { View } from "../views.ts";
import { inputBindings, placeConstants } from "./bindings.ts";

export interface AttentionCall {
  readonly label: string;
  /** See shaders/lib/step.wgsl. */
  readonly step: GPUBuffer;
  /** heads · headSize numbers a row. */
  readonly q: View;
  /** heads · valueSize numbers a row; may be in q's buffer, not on the same numbers. */
  readonly out: View;
  /** [position][kvHeads · headSize] and [position][kvHeads · valueSize], f32 or two halves to a word. */
  readonly keys: GPUBuffer;
  readonly values: GPUBuffer;
  readonly cacheType: CacheType;
  readonly params: AttentionParams;
  /** One F32 number for each query head. */
  readonly sinks?: GPUBuffer;
}

/** Memory that is good from one dispatch of a step to its next. */
export interface PartialsMemory {
  scratch(bytes: number, label: string): GPUBuffer;
}

const MOST_SPLITS = 64;
/** Workgroups that are as good as more of them. */
const ENOUGH_WORKGROUPS = 512;
/** Numbers of the queries in workgroup memory: 8 KiB. */
const MOST_QUERY_NUMBERS = 2048;

/**
 * Attention of one token, in two dispatches: parts of the context, then their sum. `context`: most positions of the cache;
 * it decides into how many parts they fall, of which those beyond the token's position end at once.
 */
export function attentionDecode(
  call: AttentionCall,
  context: number,
  { subgroups }: Pick<Variants, "subgroups">,
  memory: PartialsMemory,
): Dispatch[] {
  const { label, step, q, out, keys, values, params, sinks } = call;
  const { heads, kvHeads, headSize, valueSize } = params;
  checkSizes(call);
  const headsPerKv = heads / kvHeads;
  const tile = tileOf(headsPerKv, headSize);
  const groups = kvHeads * Math.ceil(headsPerKv / tile);
  const visible = Math.min(context, params.window || context);
  const wanted = Math.min(Math.ceil(visible / 64), Math.ceil(ENOUGH_WORKGROUPS / groups), MOST_SPLITS);
  const splits = Math.max(1, wanted);
  const partials = memory.scratch(heads * splits * (valueSize + 2) * 4, `${label}.partials`);
  const kernel = cacheKernel("ops/attention_decode.wgsl", call, [`HEADS=${tile}`, ...(subgroups ? ["SUBGROUPS"] : [])]);
  return [
    {
      label: `${label}.parts`,
      kernel: { ...kernel, constants: { ...kernel.constants, splits, q_at: q.offset } },
      buffers: [step, q.buffer, keys, values, partials],
      workgroups: () => [splits, groups, 1],
    },
    {
      label: `${label}.combine`,
      kernel: {
        file: "ops/attention_combine.wgsl",
        defines: sinks ? ["SINKS"] : [],
        weights: [],
        constants: { splits, value_size: valueSize, window: params.window ?? 0, out_at: out.offset },
      },
      buffers: [step, partials, out.buffer, ...(sinks ? [sinks] : [])],
      workgroups: () => [heads, 1, 1],
    },
  ];
}

/** Attention of any number of tokens in one dispatch. */
export function attentionPrefill(call: AttentionCall): Dispatch {
  const { label, step, q, out, keys, values, params, sinks } = call;
  checkSizes(call);
  const inputs = inputBindings(out.buffer, { q: q.buffer }, step);
  const columns = Math.ceil(params.valueSize / 64);
  const flags = [`COLUMNS=${columns}`, ...inputs.defines, ...(sinks ? ["SINKS"] : [])];
  const kernel = cacheKernel("ops/attention_prefill.wgsl", call, flags);
  return {
    label,
    kernel: { ...kernel, constants: { ...kernel.constants, ...placeConstants({ q, out }) } },
    buffers: [step, ...inputs.buffers, keys, values, out.buffer, ...(sinks ? [sinks] : [])],
    workgroups: (rows) => [Math.ceil((rows * params.heads) / params.kvHeads / 32), params.kvHeads, 1],
  };
}

function cacheKernel(file: string, { cacheType, params }: AttentionCall, flags: readonly string[]): Kernel {
  const { heads, kvHeads, headSize, valueSize, scale, softcap, window } = params;
  const cacheFlags = [cacheType === "f16" && "KV_F16", softcap && "SOFTCAP"].filter((flag) => typeof flag === "string");
  return {
    file,
    defines: [...flags, ...cacheFlags],
    weights: [],
    constants: {
      heads_per_kv: heads / kvHeads,
      kv_heads: kvHeads,
      head_size: headSize,
      value_size: valueSize,
      scale,
      softcap: softcap || 1,
      window: window ?? 0,
    },
  };
}

/** Query heads of one workgroup: all of a K/V head's, up to eight and to what workgroup memory holds. */
function tileOf(headsPerKv: number, headSize: number): number {
  const most = Math.max(1, Math.min(8, Math.floor(MOST_QUERY_NUMBERS / headSize)));
  return Math.ceil(headsPerKv / Math.ceil(headsPerKv / most));
}

function checkSizes({ label, q, out, params }: AttentionCall): void {
  const { heads, kvHeads, headSize, valueSize } = params;
  const fits = (size: number) => size % 4 === 0 && size >= 4 && size <= 512;
  if (!fits(headSize) || !fits(valueSize) || heads % kvHeads) {
    throw new WebggufError(
      "internal",
      `${label}: ${heads}/${kvHeads} heads of ${headSize} and ${valueSize} numbers; attention takes multiples of 4 up to 512.`,
    );
  }
  if (q.buffer === out.buffer && q.offset === out.offset) {
    throw new WebggufError("internal", `${label}: the result would take the place of the queries.`);
  }
}
