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
