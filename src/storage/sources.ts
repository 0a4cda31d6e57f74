import type { ModelPart, ModelSource } from "../core/api.ts";
import { throwIfAborted, WebggufError } from "../core/errors.ts";
import type { ByteSource } from "../core/source.ts";
import { BlobSource } from "./blob.ts";
import { openHandle } from "./handle.ts";
import { openUrl } from "./url.ts";

/**
 * Makes what a person gave into byte sources, in the same order. Files and handles are only looked at; a URL costs one
 * small request, or the whole download where its server cannot send ranges.
 *
 * Throws `invalid-argument` for anything that is no file, `network`, `file-unreadable`, `file-changed`, `aborted`.
 */
export async function sourcesFrom(parts: ModelSource, options: { signal?: AbortSignal } = {}): Promise<ByteSource[]> {
  const list: readonly ModelPart[] = Array.isArray(parts) ? parts : [parts as ModelPart];
  if (list.length === 0) throw new WebggufError("invalid-argument", "There is no file to open: the list is empty.");
  const sources: ByteSource[] = [];
  for (const part of list) sources.push(await sourceFrom(part, options.signal));
  return sources;
}

async function sourceFrom(part: ModelPart, signal?: AbortSignal): Promise<ByteSource> {
  throwIfAborted(signal);
  if (typeof part === "string") return openUrl(part, signal);
  if (part instanceof Blob) return new BlobSource(part, "name" in part ? part.name : "model");
  if (typeof part?.getFile === "function") return openHandle(part);
  throw new WebggufError(
    "invalid-argument",
    `A model is opened from a File, Blob, FileSystemFileHandle or URL; this is ${part === null ? "null" : typeof part}.`,
  );
}
