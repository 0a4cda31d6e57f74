import { BYTE, CONTROL, NORMAL, typeOf, UNKNOWN, USER_DEFINED } from "./attributes.ts";
import { cleanUpSpaces } from "./clean-up.ts";
import type { TokenizerKind } from "./kind.ts";
import { SpecialTokens } from "./special-tokens.ts";
import { TokenStream } from "./stream.ts";
import { TokenPieces } from "./token-pieces.ts";
import type { DecodeOptions, EncodeOptions, StreamDecoder, StreamOptions, Tokenizer, TokenType } from "./types.ts";
import type { Vocabulary } from "./vocabulary.ts";

const NOTHING = new Uint8Array(0);

/** What all kinds have in common: special tokens, BOS and EOS, and the way back from tokens to text. */
export class TextTokenizer implements Tokenizer {
  readonly kind: string;
  private readonly vocabulary: Vocabulary;
  private readonly rules: TokenizerKind;
  private specialTokens: SpecialTokens | undefined;
  private plainPieces: TokenPieces | undefined;
  private specialPieces: TokenPieces | undefined;

  constructor(kind: string, vocabulary: Vocabulary, rules: TokenizerKind) {
    this.kind = kind;
    this.vocabulary = vocabulary;
    this.rules = rules;
  }

  get vocabularySize(): number {
    return this.vocabulary.size;
  }

  get bosToken(): number | undefined {
    return this.vocabulary.declared("bos_token_id");
  }

  get eosToken(): number | undefined {
    return this.vocabulary.declared("eos_token_id");
  }

  get eotToken(): number | undefined {
    return this.vocabulary.roles.endOfTurn;
  }

  get eomToken(): number | undefined {
    return this.vocabulary.roles.endOfMessage;
  }

  get unknownToken(): number | undefined {
    return this.vocabulary.declared("unknown_token_id");
  }

  get separatorToken(): number | undefined {
    return this.vocabulary.declared("seperator_token_id");
  }

  get paddingToken(): number | undefined {
    return this.vocabulary.declared("padding_token_id");
  }

  get maskToken(): number | undefined {
    return this.vocabulary.declared("mask_token_id");
  }

  get addBos(): boolean {
    return this.vocabulary.addBos && this.bosToken !== undefined;
  }

  get addEos(): boolean {
    return this.vocabulary.addEos && this.eosToken !== undefined;
  }

  get endOfGeneration(): ReadonlySet<number> {
    return this.vocabulary.roles.ends;
  }

  get notes(): readonly string[] {
    return this.vocabulary.notes;
  }

  encode(text: string, { addSpecial = false, parseSpecial = false }: EncodeOptions = {}): number[] {
    this.specialTokens ??= new SpecialTokens(this.vocabulary);
    const output: number[] = [];
    if (addSpecial && this.addBos) output.push(this.bosToken!);
    let afterSpecial = true;
    // A surrogate without its other half has no UTF-8 form; with the u flag \p{Cs} matches only such.
    for (const fragment of this.specialTokens.split(text.replace(/\p{Cs}/gu, "\ufffd"), parseSpecial)) {
      if (typeof fragment === "number") output.push(fragment);
      else this.rules.encode(fragment, afterSpecial, output);
      afterSpecial = typeof fragment === "number";
    }
    if (addSpecial && this.addEos) output.push(this.eosToken!);
    return output;
  }

  decode(tokens: Iterable<number>, options: DecodeOptions = {}): string {
    const { special, cleanSpaces = this.rules.cleanSpaces } = options;
    const stream = this.stream({ special, cleanSpaces: false });
    let text = "";
    for (const token of tokens) text += stream.push(token);
    text += stream.flush();
    return cleanSpaces ? cleanUpSpaces(text) : text;
  }

  tokenBytes(id: number, { special = false }: { readonly special?: boolean } = {}): Uint8Array {
    const attributes = this.vocabulary.attributesOf(id);
    if (attributes & (CONTROL | UNKNOWN)) return special ? this.vocabulary.bytes(id) : NOTHING;
    if (attributes & USER_DEFINED) return this.vocabulary.bytes(id);
    if (attributes & NORMAL) return this.rules.bytes(this.vocabulary.bytes(id));
    if (attributes & BYTE) return byteNamed(this.vocabulary.text(id)) ?? this.rules.bytes(this.vocabulary.bytes(id));
    return NOTHING;
  }

  tokenText(id: number): string {
    return this.vocabulary.text(id);
  }

  tokenType(id: number): TokenType {
    return typeOf(this.vocabulary.attributesOf(id));
  }

  stream({
    special = false,
    cleanSpaces = this.rules.cleanSpaces,
    continues = false,
  }: StreamOptions = {}): StreamDecoder {
    return new TokenStream({
      pieces: this.pieces(special),
      dropsLeadingSpace: this.vocabulary.addSpacePrefix && !continues,
      cleanSpaces,
    });
  }

  private pieces(special: boolean): TokenPieces {
    const make = () => new TokenPieces(this.vocabularySize, (token) => this.tokenBytes(token, { special }));
    if (special) {
      this.specialPieces ??= make();
      return this.specialPieces;
    }
    this.plainPieces ??= make();
    return this.plainPieces;
  }
}

/** The byte of a token spelled `<0xXX>`. */
function byteNamed(text: string): Uint8Array | undefined {
  const match = /^<0x([0-9A-Fa-f]{2})>$/.exec(text);
  return match ? Uint8Array.of(Number.parseInt(match[1], 16)) : undefined;
}
