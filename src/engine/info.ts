import type { ModelInfo } from "../core/api.ts";
import type { GgufFile } from "../gguf/open.ts";
import { elementCount, quantizationName } from "./file-types.ts";
import { chatTemplate } from "./prompt.ts";

/** What the header alone says of a model. */
export function headerInfo(
  file: GgufFile,
): Pick<
  ModelInfo,
  | "name"
  | "architecture"
  | "quantization"
  | "parameterCount"
  | "fileBytes"
  | "trainedContextLength"
  | "embeddingLength"
  | "layerCount"
  | "hasWeights"
  | "hasChatTemplate"
> {
  const { metadata, tensors } = file;
  const architecture = metadata.string("general.architecture") ?? "unknown";
  const size = (key: string) => metadata.number(`${architecture}.${key}`) ?? 0;
  let parameterCount = 0;
  for (const { shape } of tensors.values()) parameterCount += elementCount(shape);
  return {
    name: metadata.string("general.name") || file.sources[0].name.replace(/\.gguf$/i, ""),
    architecture,
    quantization: quantizationName(metadata.number("general.file_type"), tensors.values()),
    parameterCount,
    fileBytes: file.fileBytes,
    trainedContextLength: size("context_length"),
    embeddingLength: size("embedding_length"),
    layerCount: size("block_count"),
    hasWeights: tensors.size > 0,
    hasChatTemplate: chatTemplate(metadata) !== undefined,
  };
}
