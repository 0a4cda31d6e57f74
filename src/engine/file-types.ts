import { DTYPES } from "../core/dtype.ts";
import type { TensorInfo } from "../core/source.ts";

/** `general.file_type`: llama.cpp's numbers for mixes of storage types, and their names. */
const FILE_TYPES: Readonly<Record<number, string>> = {
  0: "F32",
  1: "F16",
  2: "Q4_0",
  3: "Q4_1",
  7: "Q8_0",
  8: "Q5_0",
  9: "Q5_1",
  10: "Q2_K",
  11: "Q3_K_S",
  12: "Q3_K_M",
  13: "Q3_K_L",
  14: "Q4_K_S",
  15: "Q4_K_M",
  16: "Q5_K_S",
  17: "Q5_K_M",
  18: "Q6_K",
  19: "IQ2_XXS",
  20: "IQ2_XS",
  21: "Q2_K_S",
  22: "IQ3_XS",
  23: "IQ3_XXS",
  24: "IQ1_S",
  25: "IQ4_NL",
  26: "IQ3_S",
  27: "IQ3_M",
  28: "IQ2_S",
  29: "IQ2_M",
  30: "IQ4_XS",
  31: "IQ1_M",
  32: "BF16",
  36: "TQ1_0",
  37: "TQ2_0",
  38: "MXFP4_MOE",
  39: "NVFP4",
  40: "Q1_0",
};

/** Set when the converter guessed the number. */
const GUESSED = 1024;

/** The file's own name of its mix, else the storage type that most weights have; "none" without tensors. */
export function quantizationName(fileType: number | undefined, tensors: Iterable<TensorInfo>): string {
  const counts = new Map<string, number>();
  for (const { dtype, shape } of tensors) counts.set(dtype, (counts.get(dtype) ?? 0) + elementCount(shape));
  if (counts.size === 0) return "none";
  const name = FILE_TYPES[(fileType ?? -1) & ~GUESSED];
  // A number that names a type of which the file holds nothing is a left-over of the converter.
  if (name && (!Object.hasOwn(DTYPES, name) || counts.has(name))) return name;
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
