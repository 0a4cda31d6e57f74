import { DTYPES, type DType } from "../../core/dtype.ts";
import type { OpCase, Tolerance } from "./case.ts";
import { CaseBuilder, tokensAt } from "./case-builder.ts";

/** The inputs lose nothing as 8-bit or half-precision numbers; halves may also be what a backend sums in. */
export const PRODUCT_TOLERANCE: Tolerance = { f32: 1e-4, f16: 5e-3, int8: 1e-4 };

export const ALL_DTYPES = Object.keys(DTYPES) as DType[];

const TOKEN_COUNTS = [1, 2, 3, 5, 17, 64];

function matmulCase(dtype: DType, width: number, out: number, { bias = false } = {}): OpCase {
  const b = new CaseBuilder("matmul", `${dtype} ${width}×${out}${bias ? " with bias" : ""}`);
  const x = b.eightBitInput("x", width, Math.max(...TOKEN_COUNTS));
  const weight = b.matrix("weight", dtype, [width, out]);
  const inputs = bias ? ([x, weight, b.matrix("bias", "F32", [out])] as const) : ([x, weight] as const);
  const y = b.append({ op: "matmul", inputs, params: {} }, out);
  const runs = TOKEN_COUNTS.map((count) => tokensAt(0, count));
  return b.finish(y, { dtype, runs, tolerance: PRODUCT_TOLERANCE });
}

/** Rows that are no multiple of anything convenient, as far as the type allows. */
function oddWidth(dtype: DType): number {
  const { blockElements } = DTYPES[dtype];
  if (blockElements === 1) return 67;
  return blockElements === 256 ? 256 : 3 * blockElements;
}

/** Every type with even and odd sizes, with bias, and the most used ones with more rows than any tile. */
export const MATMUL_CASES: readonly OpCase[] = [
  ...ALL_DTYPES.flatMap((dtype) => [
    matmulCase(dtype, 512, 40),
    matmulCase(dtype, oddWidth(dtype), 13),
    matmulCase(dtype, 256, 21, { bias: true }),
  ]),
  ...(["F32", "F16", "Q4_0", "Q8_0", "Q4_K", "Q5_K", "Q6_K"] as const).map((dtype) => matmulCase(dtype, 1024, 299)),
];

/** Every type: rows in any order, some twice. */
export const EMBED_CASES: readonly OpCase[] = ALL_DTYPES.flatMap((dtype) =>
  [512, oddWidth(dtype)].map((width) => {
    const b = new CaseBuilder("embed", `${dtype} ${width}×40`);
    const y = b.embed(b.matrix("table", dtype, [width, 40]));
    const run = { tokens: [39, 0, 7, 7, 22], position: 0, outputs: [0, 1, 2, 3, 4] };
    return b.finish(y, { dtype, runs: [run, tokensAt(5, 1, 38)] });
  }),
);
