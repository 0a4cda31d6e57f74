import type { ByteSource } from "../../core/source.ts";
import { unlessAborted } from "../../core/unless-aborted.ts";

/** Read at a time from a source that does not give pieces. */
const READ_BYTES = 8 << 20;

/** A stretch of a source, read in a row: pieces of any length come in, and leave in the lengths that are wanted. */
export class Stretch {
  readonly #pieces: AsyncIterator<Uint8Array>;
  readonly #signal: AbortSignal | undefined;
  #piece: Uint8Array = new Uint8Array(0);
  /** Offset in the source of what is left of the piece. */
  #position: number;

  constructor(source: ByteSource, offset: number, length: number, signal: AbortSignal | undefined) {
    const pieces = source.pieces?.(offset, length, signal) ?? readsOf(source, offset, length, signal);
    this.#pieces = pieces[Symbol.asyncIterator]();
    this.#signal = signal;
    this.#position = offset;
  }

  /** Passes by what lies before `offset`. */
  async skipTo(offset: number): Promise<void> {
    while (this.#position < offset) await this.#take(offset - this.#position);
  }

  /** The next bytes. */
  async fill(target: Uint8Array): Promise<void> {
    for (let filled = 0; filled < target.length; ) {
      const taken = await this.#take(target.length - filled);
      target.set(taken, filled);
      filled += taken.length;
    }
  }

  /** Ends the reading; what is on its way is nobody's. */
  close(): void {
    this.#pieces.return?.()?.catch(() => {});
  }

  async #take(most: number): Promise<Uint8Array> {
    while (this.#piece.length === 0) {
      const next = await unlessAborted(this.#pieces.next(), this.#signal);
      if (next.done) throw new RangeError("More was asked for than the stretch has.");
      this.#piece = next.value;
    }
    const taken = this.#piece.subarray(0, most);
    this.#piece = this.#piece.subarray(taken.length);
    this.#position += taken.length;
    return taken;
  }
}

/** Reads, the next one on its way while one is used. */
async function* readsOf(source: ByteSource, offset: number, length: number, signal: AbortSignal | undefined) {
  const end = offset + length;
  const read = (at: number) => {
    const promise = at < end ? source.read(at, Math.min(READ_BYTES, end - at), signal) : undefined;
    // When it fails it is reported in its turn.
    promise?.catch(() => {});
    return promise;
  };
  let next = read(offset);
  for (let at = offset; next; at += READ_BYTES) {
    const piece = await next;
    next = read(at + READ_BYTES);
    yield piece;
  }
}
