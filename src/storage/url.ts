import { throwIfAborted, WebggufError } from "../core/errors.ts";
import type { ByteSource } from "../core/source.ts";
import { BlobSource, checkRange, fileChanged } from "./blob.ts";
import { brokenOff, LONGEST_GAP, UrlStream } from "./url-stream.ts";

/**
 * Opens a URL. Where the server sends ranges, reads in ascending order share one response, and any other read is a request
 * of its own; else the body is streamed once into a Blob, which browsers keep outside of the JavaScript heap and on disk
 * when it is large.
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

/**
 * A file on a server that sends ranges. A read that goes on where the one before it ended opens a stream, in which those
 * after it go on too: a request costs a round trip, and a model has hundreds of tensors. Reads that go on from byte 0 are
 * of a header whose length nobody knows yet, and get exactly what they ask for.
 */
class UrlSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  private readonly url: string;
  private readonly tag: string | null;
  private readonly stream: UrlStream;
  /** Where the reads in a row began, and where the last one ended. */
  private begin = 0;
  private end = Number.NaN;

  constructor(url: string, name: string, size: number, tag: string | null) {
    this.url = url;
    this.name = name;
    this.size = size;
    this.tag = tag;
    // Kept out of the HTTP cache, which stores the first part of a large body at most: opening the file again gains nothing
    // from that, while writing it to disk slows the download and pushes out what other pages have stored.
    this.stream = new UrlStream(name, size, (offset, signal) =>
      this.request(offset, size - 1, { cache: "no-store", signal }),
    );
  }

  async read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    throwIfAborted(signal);
    checkRange(this.name, this.size, offset, length);
    if (length === 0) return new Uint8Array(0);
    const gap = offset - this.end;
    const goesOn = gap >= 0 && gap <= LONGEST_GAP;
    this.end = offset + length;
    if (!goesOn) this.begin = offset;
    if (goesOn && this.begin > 0) return this.stream.read(offset, length, signal);
    this.stream.release();
    return this.readRange(offset, length, signal);
  }

  private async readRange(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const response = await this.request(offset, offset + length - 1, { signal });
    const bytes = new Uint8Array(await body(this.name, signal, () => response.arrayBuffer()));
    if (bytes.length === length) return bytes;
    throw new WebggufError(
      "network",
      `${this.name}: the server sent ${bytes.length} of ${length} bytes from byte ${offset}. Try again.`,
    );
  }

  /** Asks for a range, `last` included, and makes sure that the answer is that range of the file that was opened. */
  private async request(first: number, last: number, init: RequestInit): Promise<Response> {
    const headers = { Range: `bytes=${first}-${last}` };
    const response = await request(this.url, this.name, { ...init, method: "GET", headers });
    const fault = this.faultOf(response, first, last);
    if (!fault) return response;
    await response.body?.cancel();
    throw fault;
  }

  private faultOf(response: Response, first: number, last: number): WebggufError | undefined {
    const total = totalLength(response);
    const tag = strongTag(response);
    const isOther = (total !== undefined && total !== this.size) || (tag && this.tag && tag !== this.tag);
    if (isOther || response.status === 416) return fileChanged(this.name);
    if (response.status !== 206) {
      return new WebggufError(
        "network",
        `${this.name}: the server sent ranges before, but answered ${response.status} to bytes ${first} to ${last + 1}. Try again.`,
      );
    }
    const start = firstByte(response) ?? first;
    if (start === first) return undefined;
    return new WebggufError(
      "network",
      `${this.name}: the server was asked for bytes from ${first}, but sent bytes from ${start}. Download the file and open it from disk.`,
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
    throw brokenOff(name, cause);
  }
}

/** First byte of the answer, from `Content-Range: bytes 5-9/1234`. */
function firstByte(response: Response): number | undefined {
  const match = /^\s*bytes\s+(\d+)-/i.exec(response.headers.get("Content-Range") ?? "");
  return match ? Number(match[1]) : undefined;
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
