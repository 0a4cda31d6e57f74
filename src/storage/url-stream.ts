import { isWebggufError, throwIfAborted, WebggufError } from "../core/errors.ts";
import { unlessAborted } from "../core/unless-aborted.ts";

/** Up to so many bytes are skipped in a stream rather than asked for anew: the alignment between two tensors. */
export const LONGEST_GAP = 64 << 10;

/** A stream that nobody reads from for so long is cancelled. */
const IDLE_MILLISECONDS = 5000;

const NO_BYTES: Uint8Array = new Uint8Array(0);

/** Asks for the bytes of a file from `offset` to its end; throws a WebggufError unless the answer begins there. */
export type Connect = (offset: number, signal: AbortSignal) => Promise<Response>;

/**
 * Reads, in ascending order, from the body of one response. What is held of it is one chunk; the rest waits at the server
 * until it is asked for. The connection is made by the first read, and anew by a read that does not go on where it stands.
 */
export class UrlStream {
  private readonly name: string;
  private readonly size: number;
  private readonly connect: Connect;
  private controller: AbortController | undefined;
  private reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  /** What is left of the last chunk. */
  private chunk = NO_BYTES;
  /** Offset in the file of the next byte: the chunk's first. */
  private position = 0;
  /** Settles, never with an error, when the last read that was asked for has left the connection. */
  private last: Promise<unknown> = Promise.resolve();
  /** Reads that somebody waits for. */
  private waiting = 0;
  private released = false;
  private idle: ReturnType<typeof setTimeout> | undefined;

  constructor(name: string, size: number, connect: Connect) {
    this.name = name;
    this.size = size;
    this.connect = connect;
  }

  /**
   * Reads exactly `length` bytes from `offset`; reads asked for at the same time are served one after another. A connection
   * that breaks is made once more during a read, from the byte reached; then it is a `network` error.
   * Throws `aborted` on the signal, and what `connect` throws.
   */
  async read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    clearTimeout(this.idle);
    this.released = false;
    this.waiting++;
    const served = this.last.then(() => this.serve(offset, length, signal));
    this.last = served.catch(() => {});
    try {
      return await unlessAborted(served, signal);
    } finally {
      this.waiting--;
      if (signal?.aborted || this.position === this.size) this.released = true;
      if (this.waiting === 0) this.rest();
    }
  }

  /** Cancels the connection as soon as nobody waits for bytes from it. */
  release(): void {
    this.released = true;
    if (this.waiting === 0) this.rest();
  }

  private rest(): void {
    clearTimeout(this.idle);
    if (this.released) this.disconnect();
    else this.idle = setTimeout(() => this.disconnect(), IDLE_MILLISECONDS);
  }

  private async serve(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    throwIfAborted(signal);
    const bytes = new Uint8Array(length);
    let filled = 0;
    for (let resumed = false; ; resumed = true) {
      try {
        await this.seek(offset + filled);
        while (filled < length) {
          throwIfAborted(signal);
          const piece = await this.take(length - filled);
          bytes.set(piece, filled);
          filled += piece.length;
        }
        return bytes;
      } catch (cause) {
        this.disconnect();
        throwIfAborted(signal);
        if (isWebggufError(cause)) throw cause;
        if (resumed) throw brokenOff(this.name, cause);
      }
    }
  }

  private async seek(offset: number): Promise<void> {
    const gap = offset - this.position;
    if (!this.reader || gap < 0 || gap > LONGEST_GAP) {
      this.disconnect();
      const controller = new AbortController();
      this.controller = controller;
      const response = await this.connect(offset, controller.signal);
      throwIfAborted(controller.signal);
      this.reader = response.body!.getReader();
      this.position = offset;
    }
    while (this.position < offset) await this.take(offset - this.position);
  }

  /** The next bytes, `most` or fewer. */
  private async take(most: number): Promise<Uint8Array> {
    while (this.chunk.length === 0) {
      const { value, done } = await this.reader!.read();
      if (done) throw new Error(`The server ended the answer at byte ${this.position} of ${this.size}.`);
      this.chunk = value;
    }
    const piece = this.chunk.subarray(0, most);
    this.chunk = this.chunk.length > most ? this.chunk.subarray(most) : NO_BYTES;
    this.position += piece.length;
    return piece;
  }

  private disconnect(): void {
    this.controller?.abort();
    this.controller = undefined;
    this.reader = undefined;
    this.chunk = NO_BYTES;
  }
}

export function brokenOff(name: string, cause: unknown): WebggufError {
  return new WebggufError("network", `${name}: the connection broke off during the download. Try again.`, { cause });
}
