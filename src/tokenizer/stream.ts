import { cleanUpSpaces, settledLength } from "./clean-up.ts";
import type { StreamDecoder } from "./types.ts";

const SPACE = 0x20;

export interface StreamSource {
  /** The bytes a token gives. */
  bytes(token: number): Uint8Array;
  /** The first token's leading space was put there when the text was encoded, and is taken away again. */
  readonly dropsLeadingSpace: boolean;
  readonly cleanSpaces: boolean;
}

/** Bytes of tokens → characters (an incomplete one waits) → spaces cleaned up (an undecided one waits). */
export class TokenStream implements StreamDecoder {
  private readonly source: StreamSource;
  private readonly characters = new TextDecoder("utf-8", { ignoreBOM: true });
  private atStart = true;
  private pending = "";

  constructor(source: StreamSource) {
    this.source = source;
  }

  push(token: number): string {
    let bytes = this.source.bytes(token);
    if (this.atStart && this.source.dropsLeadingSpace && bytes[0] === SPACE) bytes = bytes.subarray(1);
    this.atStart = false;
    const text = this.characters.decode(bytes, { stream: true });
    if (!this.source.cleanSpaces) return text;
    this.pending += text;
    const settled = settledLength(this.pending);
    const clean = cleanUpSpaces(this.pending.slice(0, settled));
    this.pending = this.pending.slice(settled);
    return clean;
  }

  flush(): string {
    const text = this.pending + this.characters.decode();
    this.pending = "";
    this.atStart = true;
    return this.source.cleanSpaces ? cleanUpSpaces(text) : text;
  }
}
