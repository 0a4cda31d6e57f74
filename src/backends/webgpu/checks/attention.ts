import type { AttentionParams } from "../../../core/graph.ts";
import type { Kernel } from "../kernel.ts";
import { type AttentionCall, attentionDecode, attentionPrefill } from "../kernels/attention.ts";
import { type CaseBuffers, expectRows, gaussian, has, type KernelCase, ROUNDING } from "./case.ts";
import { cacheNumbers } from "./halves.ts";
import { dot } from "./products.ts";

const KV_HEADS = 2;
const CONTEXT = 300;
/** A context of this size falls into two parts; parts of the real one then have two chunks each. */
const TWO_PARTS = 128;

/** One token at the end of the context; both dispatches. */
export function attentionDecodeCase(kernel: Kernel, buffers: CaseBuffers): KernelCase {
  const { call, expected } = makeCall(kernel, buffers, CONTEXT - 1, 1);
  const memory = { scratch: (bytes: number) => buffers.storage(bytes) };
  const dispatches = attentionDecode(call, TWO_PARTS, { subgroups: has(kernel, "SUBGROUPS") }, memory);
  return { dispatches, rows: 1, results: [expectRows(call.out, expected.length, expected, ROUNDING)] };
}

/** More query heads times tokens than a tile has. */
export function attentionPrefillCase(kernel: Kernel, buffers: CaseBuffers): KernelCase {
  const tokens = Math.ceil(40 / kernel.constants.heads_per_kv);
  const { call, expected } = makeCall(kernel, buffers, CONTEXT - tokens, tokens);
  const width = expected.length / tokens;
  return {
    dispatches: [attentionPrefill(call)],
    rows: tokens,
    results: [expectRows(call.out, width, expected, ROUNDING)],
  };
}

function makeCall(kernel: Kernel, buffers: CaseBuffers, position: number, tokens: number) {
  const { head_size: headSize = kernel.constants.value_size, value_size: valueSize, window } = kernel.constants;
  const heads = KV_HEADS * (kernel.constants.heads_per_kv ?? 2);
  const params: AttentionParams = {
    layer: 0,
    heads,
    kvHeads: KV_HEADS,
    headSize,
    valueSize,
    // Keys are around 0.1, queries around 1: scores around 3.
    scale: 30 / Math.sqrt(headSize),
    softcap: has(kernel, "SOFTCAP") ? 5 : undefined,
    window: window ? 280 : undefined,
  };
  const cacheType = has(kernel, "KV_F16") ? "f16" : "f32";
  const keys = cacheNumbers(CONTEXT * KV_HEADS * headSize, cacheType, "keys");
  const values = cacheNumbers(CONTEXT * KV_HEADS * valueSize, cacheType, "values");
  const sinks = has(kernel, "SINKS") ? gaussian(heads, "sinks") : undefined;
  const qWidth = heads * headSize;
  const outWidth = heads * valueSize;
  const q = gaussian(tokens * qWidth, "q");
  // Several tokens may have queries and results side by side in one buffer.
  const together = has(kernel, "Q_IN_OUT");
  const stride = together ? qWidth + outWidth : qWidth;
  const input = new Float32Array(tokens * stride);
  for (let t = 0; t < tokens; t++) input.set(q.subarray(t * qWidth, (t + 1) * qWidth), t * stride);
  const buffer = buffers.upload(input);
  const call: AttentionCall = {
    label: "check",
    step: buffers.upload(Uint32Array.of(position, tokens, 0, 0)),
    q: { buffer, offset: 0, stride },
    out: together
      ? { buffer, offset: qWidth, stride }
      : { buffer: buffers.storage(4 * tokens * outWidth), offset: 0, stride: outWidth },
    keys: buffers.upload(keys.bytes),
    values: buffers.upload(values.bytes),
    cacheType,
    params,
    sinks: sinks && buffers.upload(sinks),
  };
  return { call, expected: attention(params, q, keys.values, values.values, sinks, position, tokens) };
}

/** softmax(scale · q·kᵀ) · v over the positions that a token sees, as the reference backend has it. */
function attention(
  { heads, kvHeads, headSize, valueSize, scale, softcap, window }: AttentionParams,
  q: Float32Array,
  keys: Float32Array,
  values: Float32Array,
  sinks: Float32Array | undefined,
  position: number,
  tokens: number,
): Float32Array {
  const out = new Float32Array(tokens * heads * valueSize);
  for (let t = 0; t < tokens; t++) {
    const end = position + t + 1;
    const first = window ? Math.max(0, end - window) : 0;
    for (let head = 0; head < heads; head++) {
      const kvHead = Math.floor((head * kvHeads) / heads);
      const weights = Array.from({ length: end - first }, (_, p) => {
        const key = ((first + p) * kvHeads + kvHead) * headSize;
        const score = scale * dot(q, (t * heads + head) * headSize, keys, key, headSize);
        return Math.exp(softcap ? softcap * Math.tanh(score / softcap) : score);
      });
      const sum = weights.reduce((total, weight) => total + weight, sinks ? Math.exp(sinks[head]) : 0);
      for (let i = 0; i < valueSize; i++) {
        let value = 0;
        weights.forEach((weight, p) => {
          value += weight * values[((first + p) * kvHeads + kvHead) * valueSize + i];
        });
        out[(t * heads + head) * valueSize + i] = value / sum;
      }
    }
  }
  return out;
}
