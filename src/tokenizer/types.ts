/** What a token is for, as the file says it (`tokenizer.ggml.token_type`), after the corrections by text. */
export type TokenType = "normal" | "unknown" | "control" | "user-defined" | "unused" | "byte" | "undefined";

export interface EncodeOptions {
  /** Puts BOS in front and EOS behind where the file asks for them. Default false. */
  readonly addSpecial?: boolean;
  /** Control tokens written in the text become those tokens; otherwise they are text. Default false. */
  readonly parseSpecial?: boolean;
}

export interface DecodeOptions {
  /** Writes control and unknown tokens out; otherwise they give no text. Default false. */
  readonly special?: boolean;
  /**
   * Drops spaces before punctuation and contractions, as `clean_up_tokenization_spaces` does. Default: what the
   * vocabulary was published with. Text that is being generated should be read with `false`: the rule also changes code.
   */
  readonly cleanSpaces?: boolean;
}

export interface StreamOptions extends DecodeOptions {
  /** The tokens go on from text that is already there, so that a leading space belongs to the text. Default false. */
  readonly continues?: boolean;
}

/** Turns tokens into text as they come. All texts of `push` and `flush` together equal `decode` of all tokens. */
export interface StreamDecoder {
  /** Text that is certain after this token: never half a character. Throws `invalid-argument` for an id out of range. */
  push(token: number): string;
  /** What was kept back, at the end; an incomplete character becomes U+FFFD. The decoder then starts anew. */
  flush(): string;
}

/** One vocabulary with its rules. Building is cheap; tables are made when first needed. */
export interface Tokenizer {
  /** `tokenizer.ggml.model`. */
  readonly kind: string;
  readonly vocabularySize: number;
  readonly bosToken?: number;
  readonly eosToken?: number;
  readonly eotToken?: number;
  readonly eomToken?: number;
  readonly unknownToken?: number;
  readonly separatorToken?: number;
  readonly paddingToken?: number;
  readonly maskToken?: number;
  /** Whether `addSpecial` puts BOS in front. */
  readonly addBos: boolean;
  /** Whether `addSpecial` puts EOS behind. */
  readonly addEos: boolean;
  /** Tokens after which nothing more is to be generated: EOS, EOT, EOM, and those known by their text. */
  readonly endOfGeneration: ReadonlySet<number>;
  /** What a person should know about this vocabulary, one sentence each. */
  readonly notes: readonly string[];
  encode(text: string, options?: EncodeOptions): number[];
  /** Throws `invalid-argument` for an id outside the vocabulary, as all that take ids. */
  decode(tokens: Iterable<number>, options?: DecodeOptions): string;
  /** The bytes a token stands for; they need not be whole characters. Control tokens are empty unless `special`. */
  tokenBytes(id: number, options?: { readonly special?: boolean }): Uint8Array;
  /** The token as it is spelled in the file. */
  tokenText(id: number): string;
  tokenType(id: number): TokenType;
  stream(options?: StreamOptions): StreamDecoder;
}
