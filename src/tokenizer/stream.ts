import { cleanUpSpaces, settledLength } from "./clean-up.ts";
import type { TokenPieces } from "./token-pieces.ts";
import type { StreamDecoder } from "./types.ts";

const SPACE = 0x20;

export interface StreamSource {
  readonly pieces: TokenPieces;
  /** The first token's leading space was put there when the text was encoded, and is taken away again. */
  readonly dropsLeadingSpace: boolean;
  readonly cleanSpaces: boolean;
}

/** Pieces of tokens → characters (an incomplete one waits) → spaces cleaned up (an undecided one waits). */
export class TokenStream implements StreamDecoder {
  private readonly source: StreamSource;
  private readonly characters = new TextDecoder("utf-8", { ignoreBOM: true });
  private atStart = true;
  /** Whether `characters` may hold the beginning of one. */
  private incomplete = false;
  private pending = "";

  constructor(source: StreamSource) {
    this.source = source;
  }

  push(token: number): string {
    const text = this.next(token);
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
    this.incomplete = false;
    this.atStart = true;
    return this.source.cleanSpaces ? cleanUpSpaces(text) : text;
  }

  private next(token: number): string {
    const piece = this.source.pieces.of(token);
    const drops = this.atStart && this.source.dropsLeadingSpace;
    this.atStart = false;
    if (typeof piece !== "string") {
      this.incomplete = true;
      return this.characters.decode(drops && piece[0] === SPACE ? piece.subarray(1) : piece, { stream: true });
    }
    const text = drops && piece.startsWith(" ") ? piece.slice(1) : piece;
    if (!this.incomplete || text === "") return text;
    // Whole characters end what waits: it will not be completed.
    this.incomplete = false;
    return this.characters.decode() + text;
  }
}
