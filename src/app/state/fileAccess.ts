import type { ModelPart } from "../../core/api.ts";
import { WebggufError } from "../../core/errors.ts";

/** The parts of the File System Access API that Chromium has and TypeScript's DOM library does not name. */
declare global {
  interface FileSystemHandle {
    queryPermission?(descriptor: { mode: "read" }): Promise<PermissionState>;
    requestPermission?(descriptor: { mode: "read" }): Promise<PermissionState>;
  }
  interface DataTransferItem {
    getAsFileSystemHandle?(): Promise<FileSystemHandle | null>;
  }
  interface Window {
    showOpenFilePicker?(options: {
      multiple: boolean;
      types: { description: string; accept: Record<string, string[]> }[];
    }): Promise<FileSystemFileHandle[]>;
  }
}

/** What the person chose: a file, the parts of a split one, or an address. */
export interface ModelChoice {
  /** For people: the file's name. */
  readonly label: string;
  readonly parts: readonly ModelPart[];
  /** Where the parts can be read again after a reload; empty where the browser has no handles. */
  readonly handles: readonly FileSystemFileHandle[];
  readonly url?: string;
}

const SPLIT_NAME = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/i;

/** "model-00001-of-00003.gguf" and its siblings → "model.gguf (3 files)". */
export function labelOf(names: readonly string[]): string {
  if (names.length === 1) return names[0];
  const split = SPLIT_NAME.exec(names[0]);
  return split ? `${split[1]}.gguf (${names.length} files)` : `${names[0]} and ${names.length - 1} more`;
}

/** Throws `invalid-argument` when several files are not the parts of one split model. */
export function checkOneModel(names: readonly string[]): void {
  if (names.length < 2) return;
  const stems = new Set(names.map((name) => SPLIT_NAME.exec(name)?.[1] ?? null));
  if (stems.size === 1 && !stems.has(null)) return;
  throw new WebggufError(
    "invalid-argument",
    `${names.length} files came together (${names.slice(0, 3).join(", ")}${names.length > 3 ? ", …" : ""}), and they are not the parts of one split model. Open one model at a time.`,
  );
}

export function choiceOfFiles(files: readonly File[], handles: readonly FileSystemFileHandle[]): ModelChoice {
  const names = files.map((file) => file.name);
  checkOneModel(names);
  return { label: labelOf(names), parts: files, handles };
}

/** Throws `invalid-argument` for anything but an http(s) address. */
export function choiceOfUrl(text: string): ModelChoice {
  const trimmed = text.trim();
  if (!URL.canParse(trimmed) || !/^https?:/i.test(trimmed)) {
    throw new WebggufError("invalid-argument", `"${trimmed}" is not an address that starts with https://.`);
  }
  const url = new URL(trimmed);
  // Hugging Face's page about a file, which people copy, and the file itself differ in one word.
  if (url.hostname === "huggingface.co") url.pathname = url.pathname.replace("/blob/", "/resolve/");
  const label = readable(url.pathname.split("/").at(-1) || url.hostname);
  return { label, parts: [url.href], handles: [], url: url.href };
}

function readable(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

/** Asks for permission where it is needed (this wants a click), and gets the files as they are now. */
export async function choiceOfHandles(handles: readonly FileSystemFileHandle[]): Promise<ModelChoice> {
  for (const handle of handles) await allowReading(handle);
  const files = await Promise.all(handles.map(fileOf));
  return choiceOfFiles(files, handles);
}

async function allowReading(handle: FileSystemFileHandle): Promise<void> {
  const mode = { mode: "read" } as const;
  if (!handle.queryPermission || !handle.requestPermission) return;
  if ((await handle.queryPermission(mode)) === "granted") return;
  if ((await handle.requestPermission(mode)) === "granted") return;
  throw new WebggufError("file-unreadable", `The browser was not allowed to read ${handle.name}.`);
}

async function fileOf(handle: FileSystemFileHandle): Promise<File> {
  try {
    return await handle.getFile();
  } catch (cause) {
    const what =
      cause instanceof DOMException && cause.name === "NotFoundError"
        ? "is no longer where it was: it was moved, renamed or deleted"
        : `cannot be read (${cause instanceof Error ? cause.message : cause})`;
    throw new WebggufError("file-unreadable", `${handle.name} ${what}.`, { cause });
  }
}

/** The browser's own file dialog; null when the person closes it. */
export async function pickFiles(): Promise<ModelChoice | null> {
  if (!window.showOpenFilePicker) return pickWithInput();
  try {
    const handles = await window.showOpenFilePicker({
      multiple: true,
      types: [{ description: "GGUF models", accept: { "application/octet-stream": [".gguf"] } }],
    });
    return await choiceOfHandles(handles);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return null;
    throw error;
  }
}

let fileInput: HTMLInputElement | undefined;

/** One for all times, in the document: one that is in none may be gone before the person has chosen. */
function inputForFiles(): HTMLInputElement {
  if (fileInput) return fileInput;
  fileInput = document.createElement("input");
  fileInput.type = "file";
  fileInput.multiple = true;
  fileInput.accept = ".gguf";
  fileInput.hidden = true;
  document.body.append(fileInput);
  return fileInput;
}

function pickWithInput(): Promise<ModelChoice | null> {
  const input = inputForFiles();
  // Else choosing the same file again would be no change.
  input.value = "";
  return new Promise((resolve, reject) => {
    input.oncancel = () => resolve(null);
    input.onchange = () => {
      try {
        resolve(input.files?.length ? choiceOfFiles([...input.files], []) : null);
      } catch (error) {
        reject(error);
      }
    };
    input.click();
  });
}

/** What was dropped; null when it holds no file. Must be called while the drop event is handled. */
export async function choiceOfDrop(transfer: DataTransfer): Promise<ModelChoice | null> {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  const files = items.map((item) => item.getAsFile()).filter((file) => file !== null);
  const pending = items.map((item) => item.getAsFileSystemHandle?.().catch(() => null) ?? null);
  if (files.length === 0) return null;
  const handles = (await Promise.all(pending)).filter((handle) => handle?.kind === "file") as FileSystemFileHandle[];
  return choiceOfFiles(files, handles.length === files.length ? handles : []);
}

const MAGIC = "GGUF";

/** Throws `not-gguf` when no part begins like one, so that such a file need not displace the model that is open. */
export async function checkMagic(choice: ModelChoice): Promise<void> {
  const blobs = choice.parts.filter((part) => part instanceof Blob);
  if (blobs.length === 0) return;
  const starts = await Promise.all(blobs.map((blob) => blob.slice(0, MAGIC.length).text()));
  if (starts.includes(MAGIC)) return;
  throw new WebggufError("not-gguf", `${choice.label} does not begin with the letters "${MAGIC}" as a GGUF file does.`);
}
