import { DTYPES, type DType } from "../../core/dtype.ts";
import type { OpCase } from "./case.ts";
import { CaseBuilder, tokensAt } from "./case-builder.ts";
import { ALL_DTYPES, PRODUCT_TOLERANCE } from "./matmul-cases.ts";

const RUNS = [tokensAt(0, 1), tokensAt(0, 5), tokensAt(3, 17)];
const TOKENS = 17;

export const ROUTE_CASES: readonly OpCase[] = [
  [8, 2],
  [60, 4],
  [6, 6],
  [5, 1],
  [128, 8],
].map(([experts, used]) => {
  const b = new CaseBuilder("route", `${used} of ${experts}`);
  const logits = b.input("logits", experts, TOKENS, 2);
  return b.finish(b.append({ op: "route", inputs: [logits], params: { experts, used } }, 2 * used), { runs: RUNS });
});

const EXPERTS = 6;
const USED = 2;

/** `own`: a row of its own for each pick, as in the down projection; else one row for all, as for gate and up. */
function expertMatmulCase(dtype: DType, out: number, own: boolean): OpCase {
  const width = Math.max(64, DTYPES[dtype].blockElements);
  const b = new CaseBuilder("expert_matmul", `${dtype} ${width}×${out}, ${own ? "a row per pick" : "one row"}`);
  const x = b.eightBitInput("x", own ? USED * width : width, TOKENS);
  const logits = b.input("logits", EXPERTS, TOKENS);
  const routes = b.append({ op: "route", inputs: [logits], params: { experts: EXPERTS, used: USED } }, 2 * USED);
  const weight = b.matrix("weight", dtype, [width, out, EXPERTS]);
  const y = b.append({ op: "expert_matmul", inputs: [x, weight, routes], params: { used: USED } }, USED * out);
  return b.finish(y, { dtype, runs: RUNS, tolerance: PRODUCT_TOLERANCE });
}

export const EXPERT_MATMUL_CASES: readonly OpCase[] = ALL_DTYPES.flatMap((dtype) => [
  expertMatmulCase(dtype, 16, false),
  expertMatmulCase(dtype, 13, true),
]);

export const EXPERT_SUM_CASES: readonly OpCase[] = [
  [96, 2],
  [67, 4],
].map(([width, used]) => {
  const b = new CaseBuilder("expert_sum", `${width}, ${used} of ${EXPERTS}`);
  const x = b.input("x", used * width, TOKENS);
  const logits = b.input("logits", EXPERTS, TOKENS);
  const routes = b.append({ op: "route", inputs: [logits], params: { experts: EXPERTS, used } }, 2 * used);
  return b.finish(b.append({ op: "expert_sum", inputs: [x, routes], params: { used } }, width), { runs: RUNS });
});
