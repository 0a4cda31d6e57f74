import { WebggufError } from "../core/errors.ts";
import type { Metadata, StringList } from "../core/metadata.ts";
import { fromAlphabet, toAlphabet } from "./byte-alphabet.ts";
import { ByteIndex } from "./byte-index.ts";
import type { TokenizerKind } from "./kind.ts";
import { type MergeRules, SymbolRow } from "./merge.ts";
import type { PreTokenizer } from "./pre-tokenizers.ts";
import { Splitter } from "./split.ts";
import type { Vocabulary } from "./vocabulary.ts";
import { WordCache } from "./word-cache.ts";

const SPACE = 0x20;
/** Working memory above this is given back after use: it grows with the longest word. */
const KEPT_BYTES = 2 ** 16;
const utf8 = new TextEncoder();

/**
 * Byte-level BPE: text is cut into words by the pre-tokenizer, each word's bytes are joined by the merge list, earliest
 * merge first. Tokens and merges are spelled in GPT-2's byte alphabet, a merge as "left right".
 */
export class BytePairEncoding implements TokenizerKind, MergeRules {
  readonly cleanSpaces: boolean;
  private readonly vocabulary: Vocabulary;
  private readonly mergeList: StringList;
  private readonly splitter: Splitter;
  private readonly ignoreMerges: boolean;
  private readonly cache = new WordCache();
  private indexOfMerges: ByteIndex | undefined;
  private pair = new Uint8Array(0);
  private row = new SymbolRow();
  private bytesOfWord = new Uint8Array(256);
  private spelled = new Uint8Array(512);

  constructor(metadata: Metadata, vocabulary: Vocabulary, preTokenizer: PreTokenizer) {
    const merges = metadata.strings("tokenizer.ggml.merges");
    if (!merges) {
      throw new WebggufError(
        "missing-metadata",
        'The file has a "gpt2" tokenizer but no "tokenizer.ggml.merges"; it needs to be converted again.',
      );
    }
    this.mergeList = merges;
    this.vocabulary = vocabulary;
    this.splitter = new Splitter(preTokenizer);
    this.ignoreMerges = preTokenizer.ignoreMerges ?? false;
    this.cleanSpaces = preTokenizer.cleanSpaces ?? false;
  }

  encode(text: string, _afterSpecial: boolean, output: number[]): void {
    for (const word of this.splitter.split(text)) {
      const tokens = this.cache.get(word) ?? this.cache.set(word, this.encodeWord(word));
      for (let i = 0; i < tokens.length; i++) output.push(tokens[i]);
    }
    if (this.spelled.length > KEPT_BYTES) {
      this.row = new SymbolRow();
      this.bytesOfWord = new Uint8Array(256);
      this.spelled = new Uint8Array(512);
    }
  }

  bytes(spelled: Uint8Array): Uint8Array {
    return fromAlphabet(spelled) ?? spelled;
  }

  /** The merge that joins two symbols of the row. */
  find(left: number, right: number): number {
    const { starts, lengths } = this.row;
    const { merges, spelled, pair } = this;
    const middle = starts[right];
    const end = middle + lengths[right];
    if (end - starts[left] + 1 > merges.longest) return -1;
    let at = 0;
    for (let i = starts[left]; i < middle; i++) pair[at++] = spelled[i];
    pair[at++] = SPACE;
    for (let i = middle; i < end; i++) pair[at++] = spelled[i];
    return merges.find(pair, 0, at);
  }

  priority(merge: number): number {
    return merge;
  }

  private get merges(): ByteIndex {
    if (!this.indexOfMerges) {
      this.indexOfMerges = new ByteIndex(this.mergeList.ranges());
      this.pair = new Uint8Array(this.indexOfMerges.longest);
    }
    return this.indexOfMerges;
  }

  private encodeWord(word: string): number[] {
    if (word.length * 3 > this.bytesOfWord.length) {
      this.bytesOfWord = new Uint8Array(word.length * 6);
      this.spelled = new Uint8Array(word.length * 12);
    }
    const { row, spelled } = this;
    const end = toAlphabet(this.bytesOfWord, utf8.encodeInto(word, this.bytesOfWord).written, spelled);
    if (this.ignoreMerges) {
      const id = this.vocabulary.index.find(spelled, 0, end);
      if (id >= 0) return [id];
    }
    row.clear();
    for (let start = 0; start < end; start += row.lengths[row.count - 1]) row.push(start, letterLength(spelled[start]));
    row.merge(this);
    const tokens: number[] = [];
    for (let i = 0; i >= 0 && i < row.count; i = row.next[i]) this.pushSymbol(row.starts[i], row.lengths[i], tokens);
    return tokens;
  }

  /** A symbol that is no token is written byte by byte; bytes that are none become the unknown token, if there is one. */
  private pushSymbol(start: number, length: number, tokens: number[]): void {
    const { index } = this.vocabulary;
    const id = index.find(this.spelled, start, start + length);
    if (id >= 0) {
      tokens.push(id);
      return;
    }
    for (let at = start; at < start + length; ) {
      const next = at + letterLength(this.spelled[at]);
      const byte = index.find(this.spelled, at, next);
      const token = byte >= 0 ? byte : this.vocabulary.declared("unknown_token_id");
      if (token !== undefined) tokens.push(token);
      at = next;
    }
  }
}

/** Bytes of one letter of the alphabet, by its first: all lie below U+0144. */
function letterLength(first: number): number {
  return first < 0x80 ? 1 : 2;
}
