import { type Dispatch, decoderDefines, type Variants, type Workgroups } from "../kernel.ts";
import type { Matrix, View } from "../views.ts";
import { inputBindings, placeConstants } from "./bindings.ts";

/**
 * Operations on whole rows. Inputs and results may lie in one buffer; a result may take the place of an input exactly
 * (same offset and stride), except in `embed`, `selectOutputs`, `route` and `expertSum`, and must not overlap one otherwise.
 */
export interface RowsCall {
  readonly label: string;
  readonly out: View;
  /** See shaders/lib/step.wgsl. */
  readonly step: GPUBuffer;
  /** Word of `step` with the number of rows: 1 tokens, 2 wanted outputs. */
  readonly rowsWord: 1 | 2;
}

/** Row `tokens[t]` (u32) of a matrix, or of the part of it that holds its rows from `firstRow` on. */
export function embed(
  call: RowsCall & { readonly tokens: GPUBuffer; readonly matrix: Matrix; readonly firstRow: number },
  variants: Pick<Variants, "ownHalves"> = {},
): Dispatch {
  const { tokens, matrix, firstRow, out, step } = call;
  const { width, rows, small, book } = matrix;
  return {
    label: call.label,
    kernel: {
      file: "ops/embed.wgsl",
      defines: decoderDefines([matrix.dtype], variants),
      weights: [matrix.dtype],
      constants: {
        rows_word: call.rowsWord,
        width,
        first_row: firstRow,
        part_rows: rows,
        small_0: small,
        book_0: book,
        ...placeConstants({ out }),
      },
    },
    buffers: [step, tokens, matrix.buffer, out.buffer],
    workgroups: (count) => [Math.ceil(Math.ceil(width / 32) / 64), count, 1],
  };
}

/** x / sqrt(mean(x²) + eps) · weight for each of `groups` equal parts of a row of `width` numbers. */
export function rmsNorm(
  call: RowsCall & {
    readonly x: View;
    readonly weight: GPUBuffer;
    readonly width: number;
    readonly groups: number;
    readonly eps: number;
  },
): Dispatch {
  const size = call.width / call.groups;
  const constants = { size, eps: call.eps, threads: threadsFor(size) };
  return onRows("ops/rms_norm.wgsl", call, [call.weight], { x: call.x }, constants, (rows) => [call.groups, rows, 1]);
}

/** (x - mean) / sqrt(variance + eps) · weight + bias over rows of `width` numbers (Ba et al. 2016). */
export function layerNorm(
  call: RowsCall & {
    readonly x: View;
    readonly weight: GPUBuffer;
    readonly bias: GPUBuffer;
    readonly width: number;
    readonly eps: number;
  },
): Dispatch {
  const constants = { size: call.width, eps: call.eps, threads: threadsFor(call.width) };
  const fixed = [call.weight, call.bias];
  return onRows("ops/layer_norm.wgsl", call, fixed, { x: call.x }, constants, (rows) => [1, rows, 1]);
}

/** a + b, rows of `width` numbers. */
export function add(call: RowsCall & { readonly a: View; readonly b: View; readonly width: number }): Dispatch {
  const { a, b, width } = call;
  return onRows("ops/pairwise.wgsl", call, [], { a, b }, { width }, columns(width));
}

/** silu(gate) · up, rows of `width` numbers. */
export function glu(call: RowsCall & { readonly gate: View; readonly up: View; readonly width: number }): Dispatch {
  const { gate, up, width } = call;
  return onRows("ops/pairwise.wgsl", call, [], { a: gate, b: up }, { width }, columns(width), ["GLU"]);
}

/** The rows of x that the step buffer names as wanted; `rowsWord` is 2. */
export function selectOutputs(call: RowsCall & { readonly x: View; readonly width: number }): Dispatch {
  const { x, width } = call;
  return onRows("ops/select_outputs.wgsl", call, [], { x }, { width }, columns(width));
}

/** The numbers of the `used` likeliest of `experts`, then their weights; see `route` in the Graph. At most 2048 experts. */
export function route(
  call: RowsCall & { readonly logits: View; readonly experts: number; readonly used: number },
): Dispatch {
  const { logits, experts, used } = call;
  return onRows("ops/route.wgsl", call, [], { x: logits }, { experts, used }, (rows) => [1, rows, 1]);
}

/** Sum of the `used` picked experts' results (`width` numbers each) times their weights. */
export function expertSum(
  call: RowsCall & { readonly x: View; readonly routes: View; readonly width: number; readonly used: number },
): Dispatch {
  const { x, routes, width, used } = call;
  return onRows("ops/expert_sum.wgsl", call, [], { x, routes }, { width, used }, columns(width));
}

/** One kernel: bindings are the step buffer, `fixed`, the views' buffers in order, and the result's. */
function onRows(
  file: string,
  { label, out, step, rowsWord }: RowsCall,
  fixed: readonly GPUBuffer[],
  views: Readonly<Record<string, View>>,
  constants: Readonly<Record<string, number>>,
  workgroups: (rows: number) => Workgroups,
  flags: readonly string[] = [],
): Dispatch {
  const sources = Object.fromEntries(Object.entries(views).map(([name, view]) => [name, view.buffer]));
  const inputs = inputBindings(out.buffer, sources, step);
  return {
    label,
    kernel: {
      file,
      defines: [...flags, ...inputs.defines],
      weights: [],
      constants: { rows_word: rowsWord, ...constants, ...placeConstants({ ...views, out }) },
    },
    buffers: [step, ...fixed, ...inputs.buffers, out.buffer],
    workgroups,
  };
}

const columns =
  (width: number) =>
  (rows: number): Workgroups => [Math.ceil(width / 256), rows, 1];

/** Invocations that share the sums over `size` numbers. */
const threadsFor = (size: number): number => (size <= 256 ? 64 : 256);
