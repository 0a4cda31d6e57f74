import { throwIfAborted, WebggufError } from "../core/errors.ts";
import type { ByteSource } from "../core/source.ts";
import { BlobSource, checkRange, fileChanged } from "./blob.ts";

/**
 * Opens a URL. Where the server sends ranges, each read is a request of its own; else the body is streamed once into a
 * Blob, which browsers keep outside of the JavaScript heap and on disk when it is large.
 */
export async function openUrl(url: string, signal?: AbortSignal): Promise<ByteSource> {
  const name = nameOf(url);
  const response = await request(url, name, { method: "GET", headers: { Range: "bytes=0-0" }, signal });
  if (response.status === 206) {
    const total = totalLength(response) ?? (await contentLength(url, name, signal));
    await response.body?.cancel();
    if (total !== undefined) return new UrlSource(url, name, total, strongTag(response));
    return download(await request(url, name, { method: "GET", signal }), name, signal);
  }
  if (response.status === 416 && totalLength(response) === 0) return new BlobSource(new Blob([]), name);
  return download(response, name, signal);
}

/** A file on a server that sends ranges. */
class UrlSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  private readonly url: string;
  private readonly tag: string | null;

  constructor(url: string, name: string, size: number, tag: string | null) {
    this.url = url;
    this.name = name;
    this.size = size;
    this.tag = tag;
  }

  async read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    throwIfAborted(signal);
    checkRange(this.name, this.size, offset, length);
    if (length === 0) return new Uint8Array(0);
    const headers = { Range: `bytes=${offset}-${offset + length - 1}` };
    const response = await request(this.url, this.name, { method: "GET", headers, signal });
    const total = totalLength(response);
    const tag = strongTag(response);
    const isOther = (total !== undefined && total !== this.size) || (tag && this.tag && tag !== this.tag);
    if (isOther || response.status === 416) {
      await response.body?.cancel();
      throw fileChanged(this.name);
    }
    if (response.status !== 206) {
      await response.body?.cancel();
      throw new WebggufError(
        "network",
        `${this.name}: the server sent ranges before, but answered ${response.status} to bytes ${offset} to ${offset + length}. Try again.`,
      );
    }
    const bytes = new Uint8Array(await body(this.name, signal, () => response.arrayBuffer()));
    if (bytes.length === length) return bytes;
    throw new WebggufError(
      "network",
      `${this.name}: the server sent ${bytes.length} of ${length} bytes from byte ${offset}. Try again.`,
    );
  }
}

async function download(response: Response, name: string, signal?: AbortSignal): Promise<ByteSource> {
  checkStatus(response, name);
  return new BlobSource(await body(name, signal, () => response.blob()), name);
}

async function contentLength(url: string, name: string, signal?: AbortSignal): Promise<number | undefined> {
  const response = await send(url, name, { method: "HEAD", signal });
  const length = response.headers.get("Content-Length");
  return response.ok && length !== null ? Number(length) : undefined;
}

/** Sends a request and checks its status; 416 is left to the caller. */
async function request(url: string, name: string, init: RequestInit): Promise<Response> {
  const response = await send(url, name, init);
  if (response.status !== 416) checkStatus(response, name);
  return response;
}

async function send(url: string, name: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    throwIfAborted(init.signal ?? undefined);
    throw new WebggufError(
      "network",
      `${name} could not be fetched from ${url}: the connection failed, the address is wrong, or the server does not let other sites read it (CORS). Check the address, or download the file and open it from disk.`,
      { cause },
    );
  }
}

function checkStatus(response: Response, name: string): void {
  if (response.ok) return;
  const reason = `${response.status} ${response.statusText}`.trim();
  const advice =
    response.status === 401 || response.status === 403
      ? "It asks for a login; download the file there and open it from disk."
      : response.status === 404
        ? "Check the address."
        : "Try again later.";
  throw new WebggufError("network", `${name}: the server answered ${reason} to ${response.url}. ${advice}`);
}

async function body<T>(name: string, signal: AbortSignal | undefined, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    throwIfAborted(signal);
    throw new WebggufError("network", `${name}: the connection broke off during the download. Try again.`, { cause });
  }
}

/** Length of the whole file, from `Content-Range: bytes 0-0/1234`; servers may hide the header from other sites. */
function totalLength(response: Response): number | undefined {
  const match = /\/(\d+)\s*$/.exec(response.headers.get("Content-Range") ?? "");
  return match ? Number(match[1]) : undefined;
}

/** Weak tags may differ between the machines of one server. */
function strongTag(response: Response): string | null {
  const tag = response.headers.get("ETag");
  return tag?.startsWith('"') ? tag : null;
}

function nameOf(url: string): string {
  const path = url.split(/[?#]/, 1)[0];
  const last = path.slice(path.lastIndexOf("/") + 1) || url;
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
