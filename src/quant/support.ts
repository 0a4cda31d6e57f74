import { DTYPES, type DType } from "../core/dtype.ts";

/**
 * How the CPU backend multiplies with weights of a type: `kernel`, with a kernel of its own on the stored codes; or
 * `decoded`, on rows decoded to float32, which is slower.
 */
export type CpuSupport = "kernel" | "decoded";

/** The support table of the storage types. */
export const CPU_SUPPORT: Record<DType, CpuSupport> = {
  F32: "kernel",
  F16: "kernel",
  BF16: "kernel",
  Q1_0: "decoded",
  Q2_0: "decoded",
  Q4_0: "kernel",
  Q4_1: "kernel",
  Q5_0: "kernel",
  Q5_1: "kernel",
  Q8_0: "kernel",
  Q2_K: "decoded",
  Q3_K: "decoded",
  Q4_K: "kernel",
  Q5_K: "kernel",
  Q6_K: "kernel",
  IQ1_S: "decoded",
  IQ1_M: "decoded",
  IQ2_XXS: "decoded",
  IQ2_XS: "decoded",
  IQ2_S: "decoded",
  IQ3_XXS: "decoded",
  IQ3_S: "decoded",
  IQ4_NL: "decoded",
  IQ4_XS: "decoded",
  TQ1_0: "decoded",
  TQ2_0: "decoded",
  MXFP4: "decoded",
  NVFP4: "decoded",
};

/** The support table as the lines of a Markdown table. */
export function supportTable(): string {
  const rows = (Object.keys(CPU_SUPPORT) as DType[]).map((dtype) => {
    const { blockElements, blockBytes } = DTYPES[dtype];
    const bits = (blockBytes * 8) / blockElements;
    const cpu = CPU_SUPPORT[dtype] === "kernel" ? "own kernel" : "rows decoded to F32";
    return `| ${dtype} | ${bits} | ${blockElements} in ${blockBytes} bytes | ${cpu} |`;
  });
  return ["| type | bits per weight | block | CPU |", "| --- | --- | --- | --- |", ...rows].join("\n");
}
