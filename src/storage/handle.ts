import { throwIfAborted } from "../core/errors.ts";
import type { ByteSource } from "../core/source.ts";
import { fileChanged, readBlob, readError, streamBlob } from "./blob.ts";

/** The file behind a handle; each read makes sure that it is still the one that was opened. */
class HandleSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  private readonly handle: FileSystemFileHandle;
  private readonly lastModified: number;

  constructor(handle: FileSystemFileHandle, file: File) {
    this.handle = handle;
    this.name = file.name;
    this.size = file.size;
    this.lastModified = file.lastModified;
  }

  async read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    throwIfAborted(signal);
    return readBlob(await this.sameFile(), this.name, offset, length, signal);
  }

  pieces(offset: number, length: number, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    return streamBlob(() => this.sameFile(), this.name, offset, length, signal);
  }

  private async sameFile(): Promise<File> {
    const file = await currentFile(this.handle);
    if (file.size !== this.size || file.lastModified !== this.lastModified) throw fileChanged(this.name);
    return file;
  }
}

/** Throws `file-unreadable` without permission, `file-changed` when the file is gone. */
export async function openHandle(handle: FileSystemFileHandle): Promise<ByteSource> {
  return new HandleSource(handle, await currentFile(handle));
}

async function currentFile(handle: FileSystemFileHandle): Promise<File> {
  try {
    return await handle.getFile();
  } catch (cause) {
    throw readError(handle.name, cause);
  }
}
