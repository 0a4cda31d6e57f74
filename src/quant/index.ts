import { DTYPES, type DType } from "../core/dtype.ts";
import { WebggufError } from "../core/errors.ts";
import { bf16 } from "./bf16.ts";
import { f16 } from "./f16.ts";
import { f32 } from "./f32.ts";
import type { QuantFormat } from "./format.ts";
import { iq1_m } from "./iq1_m.ts";
import { iq1_s } from "./iq1_s.ts";
import { iq2_s } from "./iq2_s.ts";
import { iq2_xs } from "./iq2_xs.ts";
import { iq2_xxs } from "./iq2_xxs.ts";
import { iq3_s } from "./iq3_s.ts";
import { iq3_xxs } from "./iq3_xxs.ts";
import { iq4_nl } from "./iq4_nl.ts";
import { iq4_xs } from "./iq4_xs.ts";
import { mxfp4 } from "./mxfp4.ts";
import { nvfp4 } from "./nvfp4.ts";
import { q1_0 } from "./q1_0.ts";
import { q2_0 } from "./q2_0.ts";
import { q2_k } from "./q2_k.ts";
import { q3_k } from "./q3_k.ts";
import { q4_0 } from "./q4_0.ts";
import { q4_1 } from "./q4_1.ts";
import { q4_k } from "./q4_k.ts";
import { q5_0 } from "./q5_0.ts";
import { q5_1 } from "./q5_1.ts";
import { q5_k } from "./q5_k.ts";
import { q6_k } from "./q6_k.ts";
import { q8_0 } from "./q8_0.ts";
import { tq1_0 } from "./tq1_0.ts";
import { tq2_0 } from "./tq2_0.ts";

export type { QuantFormat } from "./format.ts";

/** The decoder of every storage type. */
export const QUANT_FORMATS: Record<DType, QuantFormat> = {
  F32: f32,
  F16: f16,
  BF16: bf16,
  Q1_0: q1_0,
  Q2_0: q2_0,
  Q4_0: q4_0,
  Q4_1: q4_1,
  Q5_0: q5_0,
  Q5_1: q5_1,
  Q8_0: q8_0,
  Q2_K: q2_k,
  Q3_K: q3_k,
  Q4_K: q4_k,
  Q5_K: q5_k,
  Q6_K: q6_k,
  IQ1_S: iq1_s,
  IQ1_M: iq1_m,
  IQ2_XXS: iq2_xxs,
  IQ2_XS: iq2_xs,
  IQ2_S: iq2_s,
  IQ3_XXS: iq3_xxs,
  IQ3_S: iq3_s,
  IQ4_NL: iq4_nl,
  IQ4_XS: iq4_xs,
  TQ1_0: tq1_0,
  TQ2_0: tq2_0,
  MXFP4: mxfp4,
  NVFP4: nvfp4,
};

/**
 * The first `elements` values of a tensor of type `dtype` that is stored in `bytes`.
 *
 * Throws `malformed` when `elements` is not a whole number of blocks, and `truncated` when `bytes` holds fewer.
 */
export function dequantize(dtype: DType, bytes: Uint8Array, elements: number): Float32Array<ArrayBuffer> {
  const { blockElements, blockBytes } = DTYPES[dtype];
  if (!Number.isSafeInteger(elements) || elements < 0 || elements % blockElements !== 0) {
    throw new WebggufError(
      "malformed",
      `${elements} elements cannot be stored as ${dtype}, whose blocks hold ${blockElements} each; the file is damaged.`,
    );
  }
  const blockCount = elements / blockElements;
  if (bytes.length < blockCount * blockBytes) {
    throw new WebggufError(
      "truncated",
      `${elements} elements of ${dtype} take ${blockCount * blockBytes} bytes, but only ${bytes.length} are there; ` +
        "the file is damaged or incomplete.",
    );
  }
  const out = new Float32Array(elements);
  QUANT_FORMATS[dtype].decode(bytes, 0, out, 0, blockCount);
  return out;
}
