import { openAsBlob } from "node:fs";
import { basename } from "node:path";
import type { ByteSource } from "../src/core/source.ts";
import { BlobSource } from "../src/storage/blob.ts";

/** A file on disk as a byte source: read range by range, never whole. */
export async function fileSource(path: string): Promise<ByteSource> {
  return new BlobSource(await openAsBlob(path), basename(path));
}
