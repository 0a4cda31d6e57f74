/** How one kind of vocabulary (`tokenizer.ggml.model`) turns text into tokens and tokens into bytes. */
export interface TokenizerKind {
  /** See `DecodeOptions.cleanSpaces`. */
  readonly cleanSpaces: boolean;
  /**
   * Appends the tokens of a text without special tokens; it is well-formed and not empty. `afterSpecial`: it stands at
   * the very start or behind a special token.
   */
  encode(text: string, afterSpecial: boolean, output: number[]): void;
  /** The bytes of a normal token, or of a byte token (`<0xXX>`), as the file spells it. */
  bytes(spelled: Uint8Array): Uint8Array;
}
