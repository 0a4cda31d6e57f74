import type { KernelSpec } from "../core/api.ts";
import type { DType } from "../core/dtype.ts";
import type { BenchPlan } from "./types.ts";

/** Vocabularies of Llama 2, Qwen2.5 and Gemma 3. */
const VOCABULARIES = [32_000, 151_936, 262_144];

/** Types that the kernels are measured with in a quick run. */
const QUICK_TYPES: readonly DType[] = ["Q4_0", "Q8_0", "Q4_K"];
const FULL_TYPES: readonly DType[] = ["F32", "F16", "Q4_0", "Q5_0", "Q8_0", "Q4_K", "Q5_K", "Q6_K", "IQ4_XS", "Q3_K"];

/** The layer of Qwen2.5-Coder-14B. */
const WIDE_LAYER = {
  kernel: "layer",
  width: 5120,
  feedForward: 13_824,
  heads: 40,
  kvHeads: 8,
  headSize: 128,
  context: 128,
} as const;

const products = (types: readonly DType[], shapes: readonly (readonly [number, number])[], tokens: readonly number[]) =>
  types.flatMap((dtype) =>
    shapes.flatMap(([width, out]) =>
      tokens.map((count): KernelSpec => ({ kernel: "matmul", dtype, width, out, tokens: count })),
    ),
  );

const attention = (contexts: readonly number[], tokens: number): KernelSpec[] =>
  contexts.map((context) => ({ kernel: "attention", heads: 32, kvHeads: 8, headSize: 128, context, tokens }));

/** Operations on rows of 1024 numbers: times per 1K elements. */
const rowOps = (tokens: number): KernelSpec[] => [
  ...(["rms_norm", "glu", "add"] as const).map((kernel): KernelSpec => ({ kernel, width: 1024, tokens })),
  { kernel: "rope", heads: 8, headSize: 128, tokens },
];

const QUICK_KERNELS: readonly KernelSpec[] = [
  ...products(QUICK_TYPES, [[4096, 4096]], [1]),
  ...products(QUICK_TYPES, [[4096, 4096]], [64]),
  ...attention([256], 1),
  ...attention([512], 64),
  ...rowOps(64),
  { ...WIDE_LAYER, dtype: "Q4_K", tokens: 1 },
];

const FULL_KERNELS: readonly KernelSpec[] = [
  ...products(
    FULL_TYPES,
    [
      [896, 4864],
      [4096, 4096],
      [5120, 13_824],
    ],
    [1, 128],
  ),
  ...products(QUICK_TYPES, [[4096, 4096]], [64]),
  ...FULL_TYPES.map((dtype): KernelSpec => ({ kernel: "embed", dtype, width: 4096, tokens: 64 })),
  ...attention([128, 1024, 4096, 8192], 1),
  ...attention([128, 1024, 4096], 128),
  ...rowOps(1),
  ...rowOps(128),
  ...(["Q4_K", "Q5_K"] as const).flatMap((dtype) => [1, 128].map((tokens) => ({ ...WIDE_LAYER, dtype, tokens }))),
];

/** Two minutes with a small model on a slow machine. */
export const QUICK: BenchPlan = {
  set: "quick",
  opens: 4,
  rounds: 2,
  warmups: 1,
  prompt: [128],
  generate: [32],
  depths: [0],
  firstToken: [32],
  tokenizer: true,
  vocabularies: VOCABULARIES,
  kernels: QUICK_KERNELS,
};

/** Everything, as far as a model's context goes. */
export const FULL: BenchPlan = {
  set: "full",
  opens: 4,
  rounds: 2,
  warmups: 1,
  prompt: [32, 128, 512, 2048],
  generate: [32, 128],
  depths: [0, 2048, 8192],
  firstToken: [32, 128, 512],
  tokenizer: true,
  vocabularies: VOCABULARIES,
  kernels: FULL_KERNELS,
};

export interface ModelTest {
  readonly kind: "prompt" | "generate" | "firstToken";
  readonly id: string;
  readonly tokens: number;
  readonly depth: number;
}

/** The tests on a model, by depth, shallow first; those that the context has no room for are named apart. */
export function modelTests(
  { prompt, generate, firstToken, depths }: BenchPlan,
  contextLength: number,
): { tests: ModelTest[]; tooLong: string[] } {
  const all = [...depths]
    .sort((a, b) => a - b)
    .flatMap((depth) => {
      const behind = depth > 0 ? ` @ d${depth}` : "";
      return [
        ...prompt.map((tokens): ModelTest => ({ kind: "prompt", id: `pp${tokens}${behind}`, tokens, depth })),
        ...generate.map((tokens): ModelTest => ({ kind: "generate", id: `tg${tokens}${behind}`, tokens, depth })),
        ...firstToken.map((tokens): ModelTest => ({ kind: "firstToken", id: `ttft${tokens}${behind}`, tokens, depth })),
      ];
    });
  const fits = ({ depth, tokens }: ModelTest) => depth + tokens <= contextLength;
  return { tests: all.filter(fits), tooLong: all.filter((test) => !fits(test)).map(({ id }) => id) };
}

/** Tokens of context that the longest test of the plan takes. */
export function contextOf({ prompt, generate, firstToken, depths }: BenchPlan): number {
  return Math.max(0, ...depths) + Math.max(1, ...prompt, ...generate, ...firstToken);
}

/** A kernel's name in a report: "matmul Q4_K 4096×4096, 1 token". */
export function kernelName(spec: KernelSpec): string {
  const tokens = `${spec.tokens} token${spec.tokens === 1 ? "" : "s"}`;
  switch (spec.kernel) {
    case "matmul":
      return `matmul ${spec.dtype} ${spec.width}×${spec.out}, ${tokens}`;
    case "embed":
      return `embed ${spec.dtype} ${spec.width}, ${tokens}`;
    case "attention":
      return `attention ${spec.heads}/${spec.kvHeads}×${spec.headSize}, context ${spec.context}, ${tokens}`;
    case "rope":
      return `rope ${spec.heads}×${spec.headSize}, ${tokens}`;
    case "layer":
      return `layer ${spec.dtype} ${spec.width}, context ${spec.context}, ${tokens}`;
    default:
      return `${spec.kernel} ${spec.width}, ${tokens}`;
  }
}
