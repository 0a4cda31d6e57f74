import type { TokenizerKind } from "./kind.ts";
import { type MergeRules, SymbolRow } from "./merge.ts";
import type { Vocabulary } from "./vocabulary.ts";
import { WordCache } from "./word-cache.ts";

/** SentencePiece writes spaces as this character (U+2581). */
const BLANK = "▁";
const BLANK_BYTES = [0xe2, 0x96, 0x81];
/** Working memory above this is given back after use: it grows with the longest word. */
const KEPT_BYTES = 2 ** 16;
const utf8 = new TextEncoder();
const utf8Text = new TextDecoder();

/**
 * SentencePiece-style BPE: characters are joined to the neighbours with which they form the token of the highest score;
 * characters that are no token become byte tokens.
 */
export class SentencePiece implements TokenizerKind, MergeRules {
  readonly cleanSpaces = false;
  private readonly vocabulary: Vocabulary;
  private readonly cache = new WordCache();
  private row = new SymbolRow();
  private text = new Uint8Array(1024);
  private made: { bytes: Int32Array; beforeBlank: ReadonlySet<string> } | undefined;

  constructor(vocabulary: Vocabulary) {
    this.vocabulary = vocabulary;
  }

  encode(text: string, afterSpecial: boolean, output: number[]): void {
    const prefix = this.vocabulary.addSpacePrefix && afterSpecial ? " " : "";
    for (const word of this.words((prefix + text).replaceAll(" ", BLANK))) {
      const tokens = this.cache.get(word) ?? this.cache.set(word, this.encodeWord(word));
      for (let i = 0; i < tokens.length; i++) output.push(tokens[i]);
    }
    if (this.text.length > KEPT_BYTES) {
      this.row = new SymbolRow();
      this.text = new Uint8Array(1024);
    }
  }

  bytes(spelled: Uint8Array): Uint8Array {
    const bytes = new Uint8Array(spelled.length);
    let length = 0;
    for (let i = 0; i < spelled.length; ) {
      const isBlank = isBlankAt(spelled, i);
      bytes[length++] = isBlank ? 0x20 : spelled[i];
      i += isBlank ? 3 : 1;
    }
    return bytes.subarray(0, length);
  }

  find(left: number, right: number): number {
    const { starts, lengths } = this.row;
    return this.token(starts[left], starts[right] + lengths[right]);
  }

  priority(token: number): number {
    return -(this.vocabulary.scores?.[token] ?? 0);
  }

  private get tables() {
    this.made ??= { bytes: byteTokens(this.vocabulary), beforeBlank: charactersBeforeBlank(this.vocabulary) };
    return this.made;
  }

  /**
   * Pieces that can be encoded apart: a cut before a blank is safe when no token holds that blank together with the
   * character before it.
   */
  private words(text: string): string[] {
    const { beforeBlank } = this.tables;
    const words: string[] = [];
    let from = 0;
    for (let at = text.indexOf(BLANK, 1); at >= 0; at = text.indexOf(BLANK, at + 1)) {
      if (text[at - 1] === BLANK || beforeBlank.has(text[at - 1])) continue;
      words.push(text.slice(from, at));
      from = at;
    }
    words.push(text.slice(from));
    return words;
  }

  private encodeWord(word: string): number[] {
    if (word.length * 3 > this.text.length) this.text = new Uint8Array(word.length * 6);
    const length = utf8.encodeInto(word, this.text).written;
    const { row, text } = this;
    row.clear();
    for (let start = 0; start < length; ) {
      const lead = text[start];
      const size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
      row.push(start, size);
      start += size;
    }
    row.merge(this);
    const tokens: number[] = [];
    for (let i = 0; i >= 0 && i < row.count; i = row.next[i]) {
      const token = this.token(row.starts[i], row.starts[i] + row.lengths[i]);
      if (token >= 0) tokens.push(token);
      else this.pushBytes(row.starts[i], row.lengths[i], tokens);
    }
    return tokens;
  }

  private pushBytes(start: number, length: number, tokens: number[]): void {
    for (let i = start; i < start + length; i++) {
      const token = this.tables.bytes[this.text[i]];
      if (token >= 0) tokens.push(token);
    }
  }

  private token(start: number, end: number): number {
    return this.vocabulary.index.find(this.text, start, end);
  }
}

/** The token of each byte: `<0xXX>`, else the byte itself as a token, else the unknown token; −1 without all these. */
function byteTokens(vocabulary: Vocabulary): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    const named = vocabulary.find(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);
    if (named >= 0) return named;
    const plain = vocabulary.index.find(Uint8Array.of(byte), 0, 1);
    return plain >= 0 ? plain : (vocabulary.declared("unknown_token_id") ?? -1);
  });
}

/** Characters (last UTF-16 unit) that stand before a blank within some token. */
function charactersBeforeBlank(vocabulary: Vocabulary): Set<string> {
  const { bytes, starts, ends } = vocabulary.index.ranges;
  const found = new Set<string>();
  for (let id = 0; id < vocabulary.size; id++) {
    const start = starts[id];
    for (let at = start + 1; at < ends[id] - 2; at++) {
      if (!isBlankAt(bytes, at) || (at - start >= 3 && isBlankAt(bytes, at - 3))) continue;
      found.add(utf8Text.decode(bytes.subarray(start, at)).at(-1)!);
    }
  }
  return found;
}

function isBlankAt(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === BLANK_BYTES[0] && bytes[at + 1] === BLANK_BYTES[1] && bytes[at + 2] === BLANK_BYTES[2];
}
