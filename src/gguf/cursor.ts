import { type ErrorCode, WebggufError } from "../core/errors.ts";
import { MAX_HEADER_BYTES } from "./limits.ts";
import { LazyStrings, type SharedBytes } from "./strings.ts";

/** Thrown when parsing needs bytes that the file has but that were not read yet. */
export class PrefixTooShort extends Error {
  /** How far to read before parsing again; further than strictly needed where more is likely to follow. */
  readonly wanted: number;

  constructor(wanted: number) {
    super(`${wanted} bytes are wanted`);
    this.wanted = wanted;
  }
}

/** Reads little-endian values from the first bytes of a file; every step is checked against the file's length. */
export class Cursor {
  readonly fileName: string;
  readonly fileSize: number;
  position = 0;
  private readonly shared: SharedBytes;
  private readonly bytes: Uint8Array<ArrayBuffer>;
  private readonly view: DataView;
  private readonly decoder = new TextDecoder("utf-8", { ignoreBOM: true });

  constructor(shared: SharedBytes, fileName: string, fileSize: number) {
    this.shared = shared;
    this.bytes = shared.bytes;
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
    this.fileName = fileName;
    this.fileSize = fileSize;
  }

  /** An error about this file. */
  error(code: ErrorCode, message: string): WebggufError {
    return new WebggufError(code, `${this.fileName}: ${message}`);
  }

  /** Makes sure that `length` bytes follow, and that they are at hand; `likely` is a guess at how many will be asked for. */
  require(length: number, what: string, likely = length): void {
    const end = this.position + length;
    if (end <= this.bytes.length) return;
    if (end > MAX_HEADER_BYTES) {
      throw this.error(
        "malformed",
        `${what} at byte ${this.position} is said to take ${length} bytes, more than any header has. The file is damaged; download it again.`,
      );
    }
    if (end > this.fileSize) {
      throw this.error(
        "truncated",
        `${what} should go on to byte ${end}, but the file ends at byte ${this.fileSize}. It was cut short or damaged; download it again.`,
      );
    }
    throw new PrefixTooShort(this.position + Math.max(length, likely));
  }

  u8(what: string): number {
    this.require(1, what);
    return this.bytes[this.position++];
  }

  u32(what: string): number {
    this.require(4, what);
    const value = this.view.getUint32(this.position, true);
    this.position += 4;
    return value;
  }

  /** A 64-bit length, count or offset; anything past 2^53 can only be damage. */
  size(what: string): number {
    this.require(8, what);
    const low = this.view.getUint32(this.position, true);
    const high = this.view.getUint32(this.position + 4, true);
    if (high >= 2 ** 21) {
      throw this.error(
        "malformed",
        `${what} at byte ${this.position} is ${this.view.getBigUint64(this.position, true)}, which no file can have. The file is damaged; download it again.`,
      );
    }
    this.position += 8;
    return high * 2 ** 32 + low;
  }

  /** The next `length` bytes as a view; they must have been required. */
  dataView(length: number): DataView {
    const view = new DataView(this.bytes.buffer, this.bytes.byteOffset + this.position, length);
    this.position += length;
    return view;
  }

  /** A copy of the next `length` bytes, aligned for typed arrays. */
  copy(length: number, what: string): ArrayBuffer {
    this.require(length, what);
    const start = this.bytes.byteOffset + this.position;
    this.position += length;
    return this.bytes.buffer.slice(start, start + length);
  }

  string(what: string, mostBytes = MAX_HEADER_BYTES): string {
    const length = this.size(`the length of ${what}`);
    if (length > mostBytes) {
      throw this.error(
        "malformed",
        `${what} at byte ${this.position} is said to be ${length} bytes long; at most ${mostBytes} make sense. The file is damaged; download it again.`,
      );
    }
    this.require(length, what);
    const text = this.decoder.decode(this.bytes.subarray(this.position, this.position + length));
    this.position += length;
    return text;
  }

  /** `count` strings, of which only the places are noted. */
  strings(count: number, what: string): LazyStrings {
    this.require(count * 8, what);
    const starts = new Uint32Array(count);
    const { view } = this;
    const end = this.bytes.length;
    const start = this.position;
    let position = start;
    for (let index = 0; index < count; index++) {
      if (position + 8 > end) {
        this.position = position;
        this.require((count - index) * 8, what, likelyBytes(position - start, index, count));
      }
      starts[index] = position;
      const length = view.getUint32(position, true);
      if (view.getUint32(position + 4, true) !== 0) {
        this.position = position;
        throw this.error(
          "malformed",
          `item ${index} of ${what} is said to be longer than 4 GB. The file is damaged; download it again.`,
        );
      }
      position += 8 + length;
      if (position > end) {
        this.position = position - length;
        this.require(length, `item ${index} of ${what}`, likelyBytes(position - start, index + 1, count));
      }
    }
    this.position = position;
    return new LazyStrings(this.shared, starts);
  }
}

/** What the rest of a list takes if its items are as long as those so far, and a tenth more. */
function likelyBytes(bytes: number, items: number, count: number): number {
  return items === 0 ? 0 : Math.ceil((bytes / items) * (count - items) * 1.1);
}
