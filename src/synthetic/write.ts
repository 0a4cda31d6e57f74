import { throwIfAborted } from "../core/errors.ts";
import { type GgufContents, ggufSize, writeGguf } from "../gguf/writer.ts";
import type { WriteOptions } from "./protocol.ts";

/** Where a file is written to. */
export interface Sink {
  write(bytes: Uint8Array, at: number): void | Promise<void>;
}

/** Bytes between two reports; other tasks, such as one that raises the signal, get their turn then. */
const REPORT_BYTES = 8 << 20;

/**
 * Writes a file chunk by chunk, its header last: a file that begins with the magic is a whole one, whatever happened. Takes
 * memory for the header and one chunk.
 */
export async function writeHeaderLast(
  contents: GgufContents,
  sink: Sink,
  { onProgress, signal }: WriteOptions = {},
): Promise<number> {
  const totalBytes = ggufSize(contents);
  let header: Uint8Array | undefined;
  let writtenBytes = 0;
  let reported = 0;
  for await (const chunk of writeGguf(contents)) {
    throwIfAborted(signal);
    if (header) await sink.write(chunk, writtenBytes);
    else header = chunk;
    writtenBytes += chunk.length;
    if (writtenBytes - reported < REPORT_BYTES) continue;
    reported = writtenBytes;
    onProgress?.({ writtenBytes, totalBytes });
    await new Promise((resolve) => setTimeout(resolve));
  }
  throwIfAborted(signal);
  if (header) await sink.write(header, 0);
  onProgress?.({ writtenBytes, totalBytes });
  return totalBytes;
}
