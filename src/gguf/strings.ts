import type { ByteRanges, StringList } from "../core/metadata.ts";

/** The header's bytes, shared by its lists: once parsing is done they are trimmed to what the header takes. */
export interface SharedBytes {
  bytes: Uint8Array<ArrayBuffer>;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Longer strings go to TextDecoder, whose cost per call is then small. */
const SHORT = 48;
const units = Array.from({ length: SHORT + 1 }, (_, length) => new Array<number>(length).fill(0));

/**
 * Decodes short UTF-8 whose characters take at most three bytes, in half the time of a call of TextDecoder;
 * anything else (also malformed bytes) goes there.
 */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > SHORT) return decoder.decode(bytes.subarray(start, end));
  const scratch = units[SHORT];
  let count = 0;
  for (let at = start; at < end; ) {
    const first = bytes[at];
    if (first < 0x80) {
      scratch[count++] = first;
      at += 1;
      continue;
    }
    const second = at + 1 < end ? bytes[at + 1] ^ 0x80 : 0xff;
    if (first >= 0xc2 && first < 0xe0 && second < 0x40) {
      scratch[count++] = ((first & 0x1f) << 6) | second;
      at += 2;
      continue;
    }
    const third = at + 2 < end ? bytes[at + 2] ^ 0x80 : 0xff;
    const unit = ((first & 0x0f) << 12) | (second << 6) | third;
    const isSurrogate = unit >= 0xd800 && unit < 0xe000;
    const isThree = first >= 0xe0 && first < 0xf0 && second < 0x40 && third < 0x40 && unit >= 0x800 && !isSurrogate;
    if (!isThree) return decoder.decode(bytes.subarray(start, end));
    scratch[count++] = unit;
    at += 3;
  }
  const exact = units[count];
  for (let index = 0; index < count; index++) exact[index] = scratch[index];
  return String.fromCharCode.apply(null, exact);
}

/** Strings in a header, each decoded when it is asked for. `starts` holds the place of each one's 8-byte length. */
export class LazyStrings implements StringList {
  readonly length: number;
  private readonly shared: SharedBytes;
  private readonly starts: Uint32Array;

  constructor(shared: SharedBytes, starts: Uint32Array) {
    this.shared = shared;
    this.starts = starts;
    this.length = starts.length;
  }

  at(index: number): string {
    const { bytes } = this.shared;
    const start = this.start(index);
    return decodeUtf8(bytes, start, start + this.byteLength(start));
  }

  bytesAt(index: number): Uint8Array {
    const start = this.start(index);
    return this.shared.bytes.subarray(start, start + this.byteLength(start));
  }

  ranges(): ByteRanges {
    const { bytes } = this.shared;
    const starts = new Uint32Array(this.length);
    const ends = new Uint32Array(this.length);
    for (let index = 0; index < this.length; index++) {
      const start = this.starts[index] + 8;
      starts[index] = start;
      ends[index] = start + this.byteLength(start);
    }
    return { bytes, starts, ends };
  }

  private start(index: number): number {
    if (index < 0 || index >= this.length) throw new RangeError(`item ${index} of a list of ${this.length} strings`);
    return this.starts[index] + 8;
  }

  private byteLength(start: number): number {
    const { bytes } = this.shared;
    return bytes[start - 8] | (bytes[start - 7] << 8) | (bytes[start - 6] << 16) | (bytes[start - 5] << 24);
  }
}
