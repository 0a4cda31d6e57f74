import type { Kernel } from "../kernel.ts";
import {
  add,
  embed,
  expertSum,
  glu,
  layerNorm,
  type RowsCall,
  rmsNorm,
  route,
  selectOutputs,
} from "../kernels/rows.ts";
import type { View } from "../views.ts";
import { type CaseBuffers, expectRows, gaussian, has, type KernelCase, makeMatrix, ROUNDING } from "./case.ts";
import { silu, variantsOf } from "./products.ts";

const TOKENS = 3;

export function embedCase(kernel: Kernel, buffers: CaseBuffers): KernelCase {
  const width = 512;
  const { matrix, values } = makeMatrix(buffers, kernel.weights[0], width, 7, "embeddings");
  // The last row has subnormal scales, if any.
  const tokens = Uint32Array.of(6, 0, 3);
  const out = { buffer: buffers.storage(4 * TOKENS * width), offset: 0, stride: width };
  const expected = new Float32Array(TOKENS * width);
  tokens.forEach((token, t) => {
    expected.set(values.subarray(token * width, (token + 1) * width), t * width);
  });
  const call = { ...rowsCall(buffers, out), tokens: buffers.upload(tokens), matrix, firstRow: 0 };
  return rowsCase(embed(call, variantsOf(kernel)), out, width, expected);
}

export function rmsNormCase(kernel: Kernel, buffers: CaseBuffers): KernelCase {
  const groups = 2;
  const size = sizeFor(kernel);
  const width = groups * size;
  const weight = gaussian(size, "weight");
  const { views, out } = place(kernel, buffers, { x: gaussian(TOKENS * width, "x") }, width);
  const expected = views.x.data.slice();
  for (let start = 0; start < expected.length; start += size) {
    const part = expected.subarray(start, start + size);
    const scale = 1 / Math.sqrt(part.reduce((sum, x) => sum + x * x, 0) / size + EPS);
    part.forEach((x, i) => {
      part[i] = x * scale * weight[i];
    });
  }
  const call = { ...rowsCall(buffers, out), x: views.x.view, weight: buffers.upload(weight), width, groups, eps: EPS };
  return rowsCase(rmsNorm(call), out, width, expected);
}

export function layerNormCase(kernel: Kernel, buffers: CaseBuffers): KernelCase {
  const width = sizeFor(kernel);
  const [weight, bias] = [gaussian(width, "weight"), gaussian(width, "bias")];
  const { views, out } = place(kernel, buffers, { x: gaussian(TOKENS * width, "x") }, width);
  const expected = views.x.data.slice();
  for (let start = 0; start < expected.length; start += width) {
    const row = expected.subarray(start, start + width);
    const mean = row.reduce((sum, x) => sum + x, 0) / width;
    const scale = 1 / Math.sqrt(row.reduce((sum, x) => sum + (x - mean) ** 2, 0) / width + EPS);
    row.forEach((x, i) => {
      row[i] = (x - mean) * scale * weight[i] + bias[i];
    });
  }
  const call = { ...rowsCall(buffers, out), x: views.x.view, width, eps: EPS };
  const dispatch = layerNorm({ ...call, weight: buffers.upload(weight), bias: buffers.upload(bias) });
  return rowsCase(dispatch, out, width, expected);
}

/** a + b, or silu(a) · b. */
export function pairwiseCase(kernel: Kernel, buffers: CaseBuffers): KernelCase {
  const width = 300;
  const inputs = { a: gaussian(TOKENS * width, "a"), b: gaussian(TOKENS * width, "b") };
  const { views, out } = place(kernel, buffers, inputs, width);
  const [a, b] = [views.a.view, views.b.view];
  const call = rowsCall(buffers, out);
  const gated = has(kernel, "GLU");
  const expected = inputs.a.map((x, i) => (gated ? silu(x) * inputs.b[i] : x + inputs.b[i]));
  const dispatch = gated ? glu({ ...call, gate: a, up: b, width }) : add({ ...call, a, b, width });
  return rowsCase(dispatch, out, width, expected);
}

export function selectOutputsCase(kernel: Kernel, buffers: CaseBuffers): KernelCase {
  const width = 300;
  const { views, out } = place(kernel, buffers, { x: gaussian(TOKENS * width, "x") }, width);
  const { data, view } = views.x;
  const wanted = [2, 0];
  const expected = new Float32Array(wanted.length * width);
  wanted.forEach((row, i) => {
    expected.set(data.subarray(row * width, (row + 1) * width), i * width);
  });
  const step = buffers.upload(Uint32Array.of(0, TOKENS, wanted.length, 0, ...wanted));
  const dispatch = selectOutputs({ label: "check", out, step, rowsWord: 2, x: view, width });
  return { ...rowsCase(dispatch, out, width, expected), rows: wanted.length };
}

export function routeCase(kernel: Kernel, buffers: CaseBuffers): KernelCase {
  const experts = 70;
  const used = 4;
  const { views, out } = place(kernel, buffers, { x: gaussian(TOKENS * experts, "x") }, 2 * used);
  const { data, view } = views.x;
  const expected = new Float32Array(TOKENS * 2 * used);
  for (let t = 0; t < TOKENS; t++) {
    const logits = Array.from(data.subarray(t * experts, (t + 1) * experts));
    const best = logits.map((_, e) => e).sort((a, b) => logits[b] - logits[a]);
    const picked = best.slice(0, used);
    const sum = picked.reduce((total, e) => total + Math.exp(logits[e]), 0);
    expected.set([...picked, ...picked.map((e) => Math.exp(logits[e]) / sum)], t * 2 * used);
  }
  const dispatch = route({ ...rowsCall(buffers, out), logits: view, experts, used });
  return rowsCase(dispatch, out, 2 * used, expected);
}

export function expertSumCase(kernel: Kernel, buffers: CaseBuffers): KernelCase {
  const width = 300;
  const used = 2;
  const inputs = { x: gaussian(TOKENS * used * width, "x"), routes: gaussian(TOKENS * 2 * used, "routes") };
  const { views, out } = place(kernel, buffers, inputs, width);
  const expected = new Float32Array(TOKENS * width);
  for (let i = 0; i < expected.length; i++) {
    const [t, column] = [Math.floor(i / width), i % width];
    for (let n = 0; n < used; n++) {
      expected[i] += inputs.routes[t * 2 * used + used + n] * inputs.x[(t * used + n) * width + column];
    }
  }
  const call = { ...rowsCall(buffers, out), x: views.x.view, routes: views.routes.view, width, used };
  return rowsCase(expertSum(call), out, width, expected);
}

const EPS = 1e-5;

/** Numbers that the kernel's threads share, the last ones not by all. */
const sizeFor = ({ constants }: Kernel) => (constants.threads <= 64 ? 200 : 600);

function rowsCall(buffers: CaseBuffers, out: View): RowsCall {
  return { label: "check", out, step: buffers.upload(Uint32Array.of(0, TOKENS, 0, 0)), rowsWord: 1 };
}

const rowsCase = (
  dispatch: KernelCase["dispatches"][number],
  out: View,
  width: number,
  expected: Float32Array,
): KernelCase => ({
  dispatches: [dispatch],
  rows: TOKENS,
  results: [expectRows(out, width, expected, ROUNDING)],
});

/** Inputs in buffers of their own, or beside the result where the kernel reads them there. */
function place<Name extends string>(
  kernel: Kernel,
  buffers: CaseBuffers,
  inputs: Readonly<Record<Name, Float32Array<ArrayBuffer>>>,
  outWidth: number,
): { views: Record<Name, { data: Float32Array; view: View }>; out: View } {
  const names = Object.keys(inputs) as Name[];
  const widthOf = (name: Name) => inputs[name].length / TOKENS;
  const inside = names.filter((name) => has(kernel, `${name.toUpperCase()}_IN_OUT`));
  const stride = outWidth + inside.reduce((sum, name) => sum + widthOf(name), 0);
  const all = new Float32Array(TOKENS * stride);
  const offsets = new Map<Name, number>();
  let offset = outWidth;
  for (const name of inside) {
    const width = widthOf(name);
    for (let t = 0; t < TOKENS; t++) all.set(inputs[name].subarray(t * width, (t + 1) * width), t * stride + offset);
    offsets.set(name, offset);
    offset += width;
  }
  const out: View = { buffer: buffers.upload(all), offset: 0, stride };
  const viewOf = (name: Name): View => {
    const at = offsets.get(name);
    if (at !== undefined) return { buffer: out.buffer, offset: at, stride };
    return { buffer: buffers.upload(inputs[name]), offset: 0, stride: widthOf(name) };
  };
  const views = Object.fromEntries(names.map((name) => [name, { data: inputs[name], view: viewOf(name) }]));
  return { views: views as Record<Name, { data: Float32Array; view: View }>, out };
}
