import { isWebggufError, WebggufError } from "../core/errors.ts";
import { mixChoice } from "./mixes.ts";
import { syntheticModel } from "./model.ts";
import { FOLDER, type MakeRequest, type Reply, type Request, type WriteOptions } from "./protocol.ts";
import { type ModelShape, SHAPES } from "./shapes.ts";
import { type Sink, writeHeaderLast } from "./write.ts";

/** TypeScript has it in its library for workers only, and checks for Node take this file in too. */
interface WithSyncAccess {
  createSyncAccessHandle(): Promise<{
    truncate(size: number): void;
    write(bytes: Uint8Array, options: { at: number }): number;
    flush(): void;
    close(): void;
  }>;
}

/** Makes one file, in a thread of its own, and tells of it. */
const stop = new AbortController();

const reply = (message: Reply) => postMessage(message);

addEventListener("message", ({ data }: MessageEvent<Request>) => {
  if (data.type === "cancel") stop.abort();
  else make(data).then((blob) => reply({ type: "done", blob }), fail);
});

async function make({ shape: shapeName, mix, name }: MakeRequest): Promise<Blob | undefined> {
  const shape: ModelShape = SHAPES[shapeName];
  const contents = syntheticModel(shape, { types: mixChoice(mix, shape) });
  const options: WriteOptions = {
    signal: stop.signal,
    onProgress: (progress) => reply({ type: "progress", progress }),
  };
  if (name !== undefined) {
    await toFile(name, (sink) => writeHeaderLast(contents, sink, options));
    return undefined;
  }
  const memory = new BlobSink();
  await writeHeaderLast(contents, memory, options);
  return memory.blob();
}

/** A file of the origin's private file system; it is removed when it could not be finished. */
async function toFile(name: string, write: (sink: Sink) => Promise<unknown>): Promise<void> {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle(FOLDER, { create: true });
  const file = (await folder.getFileHandle(name, { create: true })) as FileSystemFileHandle & WithSyncAccess;
  const access = await file.createSyncAccessHandle().catch((cause: unknown) => {
    throw new WebggufError("busy", `${name} is being made already, in this tab or in another. Wait for it.`, { cause });
  });
  try {
    access.truncate(0);
    await write({
      write(bytes, at) {
        const written = access.write(bytes, { at });
        if (written !== bytes.length)
          throw new DOMException(`${written} of ${bytes.length} bytes`, "QuotaExceededError");
      },
    });
    access.flush();
    access.close();
  } catch (error) {
    access.close();
    await folder.removeEntry(name).catch(() => {});
    throw error;
  }
}

/** Bytes until the Blob takes them, which may keep them on disk. */
const PART_BYTES = 16 << 20;

/** What is written in order from behind the header, then the header. */
class BlobSink implements Sink {
  readonly #parts: Blob[] = [];
  #pending: Uint8Array<ArrayBuffer>[] = [];
  #pendingBytes = 0;
  #header: Blob | undefined;

  write(bytes: Uint8Array, at: number): void {
    const copy = new Uint8Array(bytes);
    if (at === 0) {
      this.#header = new Blob([copy]);
      return;
    }
    this.#pending.push(copy);
    this.#pendingBytes += copy.length;
    if (this.#pendingBytes >= PART_BYTES) this.#flush();
  }

  blob(): Blob {
    this.#flush();
    return new Blob([...(this.#header ? [this.#header] : []), ...this.#parts]);
  }

  #flush(): void {
    this.#parts.push(new Blob(this.#pending));
    this.#pending = [];
    this.#pendingBytes = 0;
  }
}

function fail(error: unknown): void {
  if (isWebggufError(error)) reply({ type: "failed", code: error.code, message: error.message });
  else if (error instanceof DOMException && error.name === "QuotaExceededError") {
    const message = "The browser gives this page no more room for files. Delete other models or choose a smaller one.";
    reply({ type: "failed", code: "out-of-memory", message });
  } else reply({ type: "failed", code: "internal", message: String(error) });
}
