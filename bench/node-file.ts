import { open, stat } from "node:fs/promises";
import { basename } from "node:path";
import { throwIfAborted, WebggufError } from "../src/core/errors.ts";
import type { ByteSource } from "../src/core/source.ts";

/**
 * A file on disk as a byte source: read range by range, never whole. Node's own `fs.openAsBlob` would do, but takes
 * sizes modulo 2^32 (Node 20).
 */
export async function fileSource(path: string): Promise<ByteSource> {
  const { size } = await stat(path);
  const name = basename(path);
  return {
    name,
    size,
    async read(offset, length, signal) {
      throwIfAborted(signal);
      const bytes = new Uint8Array(length);
      const file = await open(path);
      try {
        for (let done = 0; done < length; ) {
          const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
          if (bytesRead === 0) throw new WebggufError("truncated", `${name} ends before byte ${offset + length}.`);
          done += bytesRead;
        }
      } finally {
        await file.close();
      }
      return bytes;
    },
  };
}
