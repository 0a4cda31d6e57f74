import { throwIfAborted, WebggufError } from "../core/errors.ts";
import { type Mix, mixChoice } from "./mixes.ts";
import { FOLDER, MAGIC, type Reply, type Request, type WriteOptions } from "./protocol.ts";
import { type ModelShape, SHAPES, type ShapeName } from "./shapes.ts";
import { approximateBytes } from "./sizes.ts";

export type { WriteProgress } from "./protocol.ts";

/** A synthetic model by what it is made of. */
export interface SyntheticModel {
  readonly shape: ShapeName;
  readonly mix: Mix;
}

/** A file that is there already. */
export interface SyntheticFile {
  readonly name: string;
  readonly bytes: number;
  /** Whether it outlives the page. */
  readonly kept: boolean;
}

/** Smaller files are made in memory, and so is everything where there is no private file system. */
const SMALL_BYTES = 4e6;
/** Most of a file in memory. */
const MOST_IN_MEMORY = 1e9;

/** Files in memory, as long as the page lives. */
const inMemory = new Map<string, File>();

export const fileName = ({ shape, mix }: SyntheticModel): string => `${shape}-${mix}.gguf`;

/** About, see `approximateBytes`. */
export function bytesOf({ shape, mix }: SyntheticModel): number {
  const published: ModelShape = SHAPES[shape];
  return approximateBytes(published, mixChoice(mix, published));
}

/** Bytes that the browser still gives this page for files; undefined where it does not tell. */
export async function roomForFiles(): Promise<number | undefined> {
  const { quota, usage } = (await navigator.storage?.estimate?.().catch(() => undefined)) ?? {};
  return quota === undefined || usage === undefined ? undefined : Math.max(0, quota - usage);
}

/** What has been made and is kept. Unfinished files, of pages that were closed meanwhile, are removed. */
export async function listFiles(): Promise<SyntheticFile[]> {
  const files = [...inMemory.values()].map(({ name, size }) => ({ name, bytes: size, kept: false }));
  const folder = await privateFolder();
  if (!folder) return files;
  for await (const handle of folder.values()) {
    const file = await wholeFile(handle as FileSystemFileHandle);
    if (file) files.push({ name: file.name, bytes: file.size, kept: true });
    // One that is being written in another tab cannot be removed, and need not be.
    else await folder.removeEntry(handle.name).catch(() => {});
  }
  return files.sort((a, b) => a.name.localeCompare(b.name));
}

export async function deleteFile(name: string): Promise<void> {
  inMemory.delete(name);
  const folder = await privateFolder();
  await folder?.removeEntry(name).catch(() => {});
}

/**
 * The file of a synthetic model: the one that is kept, else it is made, in a worker, into the origin's private file system
 * or, if it is small or there is none, into memory. Throws `out-of-memory` when there is no room, before anything is written,
 * `busy` when another tab makes it, `aborted` on the signal; nothing is left then.
 */
export async function syntheticFile(model: SyntheticModel, options: WriteOptions = {}): Promise<File> {
  throwIfAborted(options.signal);
  const name = fileName(model);
  const kept = inMemory.get(name);
  if (kept) return kept;
  const bytes = bytesOf(model);
  const folder = bytes > SMALL_BYTES ? await privateFolder() : undefined;
  if (!folder) {
    if (bytes > MOST_IN_MEMORY)
      throw noRoom(name, bytes, MOST_IN_MEMORY, "in memory: this browser keeps no files for pages");
    const blob = await makeInWorker({ type: "make", ...model }, options);
    const file = new File([blob!], name);
    inMemory.set(name, file);
    return file;
  }
  const there = await folder.getFileHandle(name).catch(() => undefined);
  const whole = there && (await wholeFile(there));
  if (whole) return whole;
  const room = await roomForFiles();
  if (room !== undefined && bytes > room) throw noRoom(name, bytes, room, "for files of this page");
  await makeInWorker({ type: "make", ...model, name }, options);
  return (await folder.getFileHandle(name)).getFile();
}

function noRoom(name: string, bytes: number, room: number, where: string): WebggufError {
  const gigabytes = (value: number) => `${(value / 1e9).toFixed(1)} GB`;
  return new WebggufError(
    "out-of-memory",
    `${name} takes about ${gigabytes(bytes)}, and there are ${gigabytes(room)} ${where}. Delete other models or choose a smaller one.`,
  );
}

/** Undefined where the browser has no private file system, or none for this page. */
async function privateFolder(): Promise<FileSystemDirectoryHandle | undefined> {
  try {
    const root = await navigator.storage.getDirectory();
    return await root.getDirectoryHandle(FOLDER, { create: true });
  } catch {
    return undefined;
  }
}

async function wholeFile(handle: FileSystemFileHandle): Promise<File | undefined> {
  const file = await handle.getFile();
  return (await file.slice(0, MAGIC.length).text()) === MAGIC ? file : undefined;
}

function makeInWorker(request: Request, { onProgress, signal }: WriteOptions): Promise<Blob | undefined> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const cancel = () => worker.postMessage({ type: "cancel" } satisfies Request);
  signal?.addEventListener("abort", cancel);
  return new Promise<Blob | undefined>((resolve, reject) => {
    worker.addEventListener("message", ({ data }: MessageEvent<Reply>) => {
      if (data.type === "progress") onProgress?.(data.progress);
      else if (data.type === "done") resolve(data.blob);
      else reject(new WebggufError(data.code, data.message));
    });
    worker.addEventListener("error", ({ message }) =>
      reject(
        new WebggufError("internal", `The worker that makes models failed: ${message || "it could not be started"}.`),
      ),
    );
    worker.postMessage(request);
  }).finally(() => {
    signal?.removeEventListener("abort", cancel);
    worker.terminate();
  });
}
