import { WebggufError } from "../../core/errors.ts";
import type { Metadata } from "../../core/metadata.ts";
import { MetadataReader } from "./metadata-reader.ts";

/** The part of rope's parameters that all layers and both q and k share. */
export interface RopeScaling {
  readonly freqBase: number;
  readonly freqScale: number;
  readonly extFactor: number;
  readonly attnFactor: number;
  readonly betaFast: number;
  readonly betaSlow: number;
  readonly originalContext: number;
  /** Numbers of a head that turn, if the header says so. */
  readonly rotaryDims: number | undefined;
}

/** YaRN's bounds where the header does not give them (Peng et al. 2023, section 3.2). */
const BETA_FAST = 32;
const BETA_SLOW = 1;

/**
 * Reads `rope.*`. A factor without a type means linear scaling, as in llama.cpp; for YaRN only `attn_factor` multiplies
 * sine and cosine beyond the formula's own 1 + 0.1·ln(factor).
 */
export function readRopeScaling(metadata: Metadata, trainedContextLength: number): RopeScaling {
  const reader = new MetadataReader(metadata);
  const type = reader.optionalString("rope.scaling.type") ?? "linear";
  if (type !== "none" && type !== "linear" && type !== "yarn") {
    throw new WebggufError(
      "unsupported-architecture",
      `The file scales its rotary positions by "${type}"; those that can be run are none, linear and yarn.`,
    );
  }
  const factor = scalingFactor(reader);
  return {
    freqBase: reader.optionalPositive("rope.freq_base") ?? 10000,
    freqScale: type === "none" ? 1 : 1 / factor,
    extFactor: type === "yarn" ? 1 : 0,
    attnFactor: reader.optionalPositive("rope.scaling.attn_factor") ?? 1,
    betaFast: BETA_FAST,
    betaSlow: BETA_SLOW,
    originalContext: reader.optionalSize("rope.scaling.original_context_length") ?? trainedContextLength,
    rotaryDims: reader.optionalSize("rope.dimension_count"),
  };
}

/** `rope.scaling.factor`, or its old name; some converters write 0 for "no scaling". */
function scalingFactor(reader: MetadataReader): number {
  const factor = reader.optionalNumber("rope.scaling.factor") ?? reader.optionalNumber("rope.scale_linear") ?? 1;
  if (!(factor >= 0 && Number.isFinite(factor))) {
    throw new WebggufError(
      "malformed",
      `The file's rotary scaling factor is ${factor}; expected a number greater than 0, or 0 for none.`,
    );
  }
  return factor === 0 ? 1 : factor;
}
