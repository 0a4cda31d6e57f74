import { WebggufError } from "../core/errors.ts";
import type { Metadata } from "../core/metadata.ts";
import type { ByteSource, TensorInfo } from "../core/source.ts";
import { readHeader } from "./header.ts";
import { mergeParts } from "./split.ts";

/** What a GGUF file says about itself: everything but the weights. */
export interface GgufFile {
  /** 2 or 3. */
  readonly version: number;
  /** Of the first part, when the model is split. */
  readonly metadata: Metadata;
  /** Of all parts, by name; each knows where its bytes lie. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** The file, or the parts in order. */
  readonly sources: readonly ByteSource[];
  /** Size of the files, all together. */
  readonly fileBytes: number;
  /** What of it is header (up to the end of the tensor tables). */
  readonly headerBytes: number;
}

/**
 * Opens a GGUF file, or the parts of a split one in any order. Only headers are read.
 *
 * Throws `not-gguf`, `unsupported-version`, `truncated`, `malformed`, `unsupported-quantization`, `missing-part`,
 * `invalid-argument` (no source, or sources that do not belong together), `aborted`, and what the sources throw.
 */
export async function openGguf(
  sources: readonly ByteSource[],
  options: { signal?: AbortSignal } = {},
): Promise<GgufFile> {
  if (sources.length === 0) throw new WebggufError("invalid-argument", "There is no file to open.");
  const parts = [];
  for (const source of sources) parts.push({ source, header: await readHeader(source, options.signal) });
  const { first, tensors, ordered } = mergeParts(parts);
  return {
    version: first.version,
    metadata: first.metadata,
    tensors,
    sources: ordered.map((part) => part.source),
    fileBytes: sources.reduce((sum, source) => sum + source.size, 0),
    headerBytes: parts.reduce((sum, part) => sum + part.header.headerBytes, 0),
  };
}
