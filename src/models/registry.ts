import { WebggufError } from "../core/errors.ts";
import type { Metadata } from "../core/metadata.ts";
import type { TensorInfo } from "../core/source.ts";
import { llama } from "./llama.ts";
import type { Architecture, ModelDefinition } from "./model.ts";
import { qwen2 } from "./qwen2.ts";
import { qwen3 } from "./qwen3.ts";

export type { Hyperparameters, ModelDefinition } from "./model.ts";

const ARCHITECTURES: ReadonlyMap<string, Architecture> = new Map(Object.entries({ llama, qwen2, qwen3 }));

/** The values of `general.architecture` that can be run. */
export const SUPPORTED_ARCHITECTURES: readonly string[] = [...ARCHITECTURES.keys()];

/**
 * Builds the graph of the model that a GGUF header describes.
 *
 * Throws `unsupported-architecture` when its architecture is not known, `missing-metadata`, `missing-tensor` or
 * `malformed` when the header lacks or contradicts what the architecture needs.
 */
export function buildModel(metadata: Metadata, tensors: ReadonlyMap<string, TensorInfo>): ModelDefinition {
  const architecture = metadata.string("general.architecture");
  if (architecture === undefined) {
    throw new WebggufError(
      "missing-metadata",
      "The file has no general.architecture, so nothing says how to run it. It is damaged or not a language model.",
    );
  }
  const build = ARCHITECTURES.get(architecture);
  if (!build) {
    throw new WebggufError(
      "unsupported-architecture",
      `The file's architecture is "${architecture}", which cannot be run yet. ` +
        `Those that can are: ${SUPPORTED_ARCHITECTURES.join(", ")}.`,
    );
  }
  return { architecture, ...build({ metadata, tensors }) };
}
