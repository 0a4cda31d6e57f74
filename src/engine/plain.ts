import type { Metadata, MetadataValue, StringList } from "../core/metadata.ts";

/** The metadata as a plain object of numbers, texts and lists, which can be sent to another thread. */
export function plainMetadata(metadata: Metadata): Record<string, unknown> {
  return Object.fromEntries(metadata.keys.map((key) => [key, plain(metadata.value(key))]));
}

function plain(value: MetadataValue | undefined): unknown {
  if (isStringList(value)) return Array.from({ length: value.length }, (_, index) => value.at(index));
  if (Array.isArray(value)) return value.map(plain);
  // The numbers of a view lie in a larger buffer, which must not be sent along.
  if (ArrayBuffer.isView(value)) return Array.from(value as ArrayLike<number>);
  return value;
}

function isStringList(value: unknown): value is StringList {
  return typeof value === "object" && value !== null && "bytesAt" in value;
}
