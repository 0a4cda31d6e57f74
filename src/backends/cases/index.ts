import { ATTENTION_CASES, KV_APPEND_CASES } from "./attention-cases.ts";
import type { OpCase } from "./case.ts";
import { ADD_CASES, GLU_CASES, RMS_NORM_CASES, SELECT_OUTPUTS_CASES } from "./elementwise-cases.ts";
import { EXPERT_MATMUL_CASES, EXPERT_SUM_CASES, ROUTE_CASES } from "./expert-cases.ts";
import { EMBED_CASES, MATMUL_CASES } from "./matmul-cases.ts";
import { ROPE_CASES } from "./rope-cases.ts";

export { type CaseOutcome, checkCase, type OpCase, type Rounding, runCase } from "./case.ts";

/** Every op, in every form that a backend has to know. */
export const OP_CASES: readonly OpCase[] = [
  ...EMBED_CASES,
  ...RMS_NORM_CASES,
  ...MATMUL_CASES,
  ...ROPE_CASES,
  ...KV_APPEND_CASES,
  ...ATTENTION_CASES,
  ...GLU_CASES,
  ...ADD_CASES,
  ...SELECT_OUTPUTS_CASES,
  ...ROUTE_CASES,
  ...EXPERT_MATMUL_CASES,
  ...EXPERT_SUM_CASES,
];
