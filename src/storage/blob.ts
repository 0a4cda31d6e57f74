import { throwIfAborted, WebggufError } from "../core/errors.ts";
import type { ByteSource } from "../core/source.ts";

/** Bytes of a File or Blob. */
export class BlobSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  private readonly blob: Blob;

  constructor(blob: Blob, name: string) {
    this.blob = blob;
    this.name = name;
    this.size = blob.size;
  }

  read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    return readBlob(this.blob, this.name, offset, length, signal);
  }

  pieces(offset: number, length: number, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    return streamBlob(async () => this.blob, this.name, offset, length, signal);
  }
}

/** Reads a range of a blob, and puts what can go wrong into this project's terms. */
export async function readBlob(
  blob: Blob,
  name: string,
  offset: number,
  length: number,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  throwIfAborted(signal);
  checkRange(name, blob.size, offset, length);
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());
  } catch (cause) {
    throw readError(name, cause);
  }
  throwIfAborted(signal);
  if (bytes.length !== length) throw fileChanged(name);
  return bytes;
}

/** A browser looks whether a file is still the same when a stream begins: the next one begins after so many bytes. */
const STREAM_BYTES = 64 << 20;

/** Streams a range, one blob after another: `current` is asked for each. */
export async function* streamBlob(
  current: () => Promise<Blob>,
  name: string,
  offset: number,
  length: number,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const end = offset + length;
  for (let at = offset; at < end; at += STREAM_BYTES) {
    throwIfAborted(signal);
    const blob = await current();
    checkRange(name, blob.size, offset, length);
    yield* streamOnce(blob, name, at, Math.min(end, at + STREAM_BYTES));
  }
}

async function* streamOnce(blob: Blob, name: string, from: number, end: number): AsyncGenerator<Uint8Array> {
  let at = from;
  const reader = blob.slice(from, end).stream().getReader();
  try {
    for (;;) {
      const { value, done } = await reader.read().catch(async (cause: unknown) => {
        // A stream does not say what went wrong. A read does.
        await readBlob(blob, name, at, 1);
        throw readError(name, cause);
      });
      if (done) break;
      at += value.length;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
  if (at !== end) throw fileChanged(name);
}

/** Throws `truncated` when a range is not within the file. */
export function checkRange(name: string, size: number, offset: number, length: number): void {
  if (offset >= 0 && length >= 0 && offset + length <= size) return;
  throw new WebggufError(
    "truncated",
    `${name}: bytes ${offset} to ${offset + length} were asked for, but the file has ${size}.`,
  );
}

export function fileChanged(name: string, cause?: unknown): WebggufError {
  return new WebggufError(
    "file-changed",
    `${name} is no longer the file that was opened: it was changed, moved or deleted. Open it again.`,
    { cause },
  );
}

/** Browsers raise NotReadableError or NotFoundError when the file behind a File object has changed or is gone. */
export function readError(name: string, cause: unknown): WebggufError {
  const reason = cause instanceof Error ? cause.name : "";
  if (reason === "NotReadableError" || reason === "NotFoundError") return fileChanged(name, cause);
  if (reason === "NotAllowedError" || reason === "SecurityError") {
    return new WebggufError("file-unreadable", `${name} may not be read any more. Pick the file again to allow it.`, {
      cause,
    });
  }
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new WebggufError("file-unreadable", `${name} could not be read (${detail}). Open the file again.`, { cause });
}
