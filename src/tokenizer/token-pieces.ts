const utf8 = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

/**
 * What each token gives, made when the token first comes: its text where its bytes are whole characters, as they are for
 * almost all tokens, else the bytes.
 */
export class TokenPieces {
  private readonly bytesOf: (token: number) => Uint8Array;
  private readonly pieces: (string | Uint8Array | undefined)[];

  /** `bytesOf` throws for a token outside the vocabulary. */
  constructor(vocabularySize: number, bytesOf: (token: number) => Uint8Array) {
    this.bytesOf = bytesOf;
    this.pieces = new Array(vocabularySize);
  }

  of(token: number): string | Uint8Array {
    return this.pieces[token] ?? this.make(token);
  }

  private make(token: number): string | Uint8Array {
    const bytes = this.bytesOf(token);
    let piece: string | Uint8Array;
    try {
      piece = utf8.decode(bytes);
    } catch {
      piece = bytes;
    }
    this.pieces[token] = piece;
    return piece;
  }
}
