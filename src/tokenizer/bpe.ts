import { WebggufError } from "../core/errors.ts";
import type { Metadata, StringList } from "../core/metadata.ts";
import { fromAlphabet, toAlphabet } from "./byte-alphabet.ts";
import { PairTable } from "./byte-table.ts";
import type { TokenizerKind } from "./kind.ts";
import { type MergeRules, SymbolRow } from "./merge.ts";
import type { PreTokenizer } from "./pre-tokenizers.ts";
import { Splitter } from "./split.ts";
import type { Vocabulary } from "./vocabulary.ts";
import { WordCache } from "./word-cache.ts";

const SPACE = 0x20;
const utf8 = new TextEncoder();

/**
 * Byte-level BPE: text is cut into words by the pre-tokenizer, each word's bytes are joined by the merge list, earliest
 * merge first. Tokens and merges are spelled in GPT-2's byte alphabet.
 */
export class BytePairEncoding implements TokenizerKind {
  readonly cleanSpaces: boolean;
  private readonly vocabulary: Vocabulary;
  private readonly merges: StringList;
  private readonly splitter: Splitter;
  private readonly ignoreMerges: boolean;
  private readonly row = new SymbolRow();
  private readonly cache = new WordCache();
  private rules: MergeTable | undefined;
  private word = new Uint8Array(256);
  private spelled = new Uint8Array(512);

  constructor(metadata: Metadata, vocabulary: Vocabulary, preTokenizer: PreTokenizer) {
    const merges = metadata.strings("tokenizer.ggml.merges");
    if (!merges) {
      throw new WebggufError(
        "missing-metadata",
        'The file has a "gpt2" tokenizer but no "tokenizer.ggml.merges"; it needs to be converted again.',
      );
    }
    this.merges = merges;
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
  }

  bytes(spelled: Uint8Array): Uint8Array {
    return fromAlphabet(spelled) ?? spelled;
  }

  private encodeWord(word: string): number[] {
    if (word.length * 3 > this.word.length) {
      this.word = new Uint8Array(word.length * 6);
      this.spelled = new Uint8Array(this.word.length * 2);
    }
    const length = utf8.encodeInto(word, this.word).written;
    if (this.ignoreMerges) {
      const id = this.vocabulary.index.find(this.spelled, 0, toAlphabet(this.word, length, this.spelled));
      if (id >= 0 && id < this.vocabulary.size) return [id];
    }
    this.rules ??= new MergeTable(this.vocabulary, this.merges, this.row);
    const { row, rules } = this;
    row.clear();
    for (let i = 0; i < length; i++) row.push(rules.byteSymbols[this.word[i]], i, 1);
    row.merge(rules);
    const tokens: number[] = [];
    for (let i = 0; i >= 0 && i < row.count; i = row.next[i]) {
      if (row.ids[i] < this.vocabulary.size) tokens.push(row.ids[i]);
      else this.pushBytes(row.starts[i], row.lengths[i], tokens);
    }
    return tokens;
  }

  /** A symbol that is no token: its bytes one by one, and the unknown token (if there is one) for those that are none. */
  private pushBytes(start: number, length: number, tokens: number[]): void {
    const unknown = this.vocabulary.declared("unknown_token_id");
    for (let i = start; i < start + length; i++) {
      const symbol = this.rules!.byteSymbols[this.word[i]];
      if (symbol < this.vocabulary.size) tokens.push(symbol);
      else if (unknown !== undefined) tokens.push(unknown);
    }
  }
}

/**
 * The merge list over symbol numbers. Symbols are the tokens and, numbered behind them, strings that only occur in
 * merges.
 */
class MergeTable implements MergeRules {
  /** Symbol of each byte. */
  readonly byteSymbols = new Int32Array(256);
  private readonly pairs: PairTable;
  private readonly results: Int32Array;
  private readonly row: SymbolRow;

  constructor(vocabulary: Vocabulary, merges: StringList, row: SymbolRow) {
    const { index } = vocabulary;
    this.row = row;
    this.pairs = new PairTable(merges.length);
    this.results = new Int32Array(merges.length);
    const spelled = new Uint8Array(2);
    for (let byte = 0; byte < 256; byte++) {
      this.byteSymbols[byte] = index.findOrAdd(spelled, 0, toAlphabet(Uint8Array.of(byte), 1, spelled));
    }
    let joined = new Uint8Array(256);
    for (let rank = 0; rank < merges.length; rank++) {
      const merge = merges.bytesAt(rank);
      const space = merge.indexOf(SPACE, 1);
      if (space < 0 || space + 1 === merge.length) continue;
      const left = index.findOrAdd(merge, 0, space);
      const right = index.findOrAdd(merge, space + 1, merge.length);
      if (merge.length > joined.length) joined = new Uint8Array(merge.length * 2);
      for (let i = 0; i < space; i++) joined[i] = merge[i];
      for (let i = space + 1; i < merge.length; i++) joined[i - 1] = merge[i];
      this.results[rank] = index.findOrAdd(joined, 0, merge.length - 1);
      this.pairs.add(left, right, rank);
    }
  }

  find(left: number, right: number): number {
    return this.pairs.find(this.row.ids[left], this.row.ids[right]);
  }

  priority(rank: number): number {
    return rank;
  }

  result(rank: number): number {
    return this.results[rank];
  }
}
