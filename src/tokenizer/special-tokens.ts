import { CONTROL, STRIPS_LEFT, STRIPS_RIGHT, UNKNOWN, USER_DEFINED } from "./attributes.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** A piece of a text: a special token, or text between such. */
export type Fragment = number | string;

interface SpecialToken {
  readonly id: number;
  readonly text: string;
  readonly attributes: number;
  /** Place in the order in which tokens claim their text: longest first. */
  order: number;
}

/** A special token and the part of the text it takes, with the white space that belongs to it. */
interface Claim {
  readonly from: number;
  readonly to: number;
  readonly id: number;
}

interface TrieNode {
  readonly next: Map<number, TrieNode>;
  token?: SpecialToken;
}

/**
 * Cuts special tokens out of a text. Longer tokens claim their occurrences before shorter ones do, wherever they stand,
 * and what is claimed is gone for the others (as llama.cpp does it).
 */
export class SpecialTokens {
  private readonly trie: TrieNode = { next: new Map() };

  constructor(vocabulary: Vocabulary) {
    const { attributes } = vocabulary;
    const tokens: (SpecialToken & { bytes: number })[] = [];
    for (let id = 0; id < vocabulary.size; id++) {
      if (!(attributes[id] & (CONTROL | USER_DEFINED | UNKNOWN))) continue;
      const text = vocabulary.text(id);
      if (text) tokens.push({ id, text, attributes: attributes[id], order: 0, bytes: vocabulary.bytes(id).length });
    }
    tokens.sort((a, b) => b.bytes - a.bytes || a.id - b.id);
    for (const [order, token] of tokens.entries()) {
      token.order = order;
      this.insert(token);
    }
  }

  /** Without `parseSpecial` control tokens are left in the text; user-defined ones are always cut out. */
  split(text: string, parseSpecial: boolean): Fragment[] {
    const tokens = this.occurring(text, parseSpecial);
    if (tokens.length === 0) return text ? [text] : [];
    const claimed = new Uint8Array(text.length);
    const found: Claim[] = [];
    for (const { id, text: spelled, attributes } of tokens) {
      let at = text.indexOf(spelled);
      while (at >= 0) {
        let from = at;
        let to = at + spelled.length;
        const taken = claimed.subarray(from, to).lastIndexOf(1);
        if (taken >= 0) {
          at = text.indexOf(spelled, from + taken + 1);
          continue;
        }
        if (attributes & STRIPS_LEFT) while (from > 0 && !claimed[from - 1] && isSpace(text, from - 1)) from--;
        if (attributes & STRIPS_RIGHT) while (to < text.length && !claimed[to] && isSpace(text, to)) to++;
        claimed.fill(1, from, to);
        found.push({ from, to, id });
        at = text.indexOf(spelled, to);
      }
    }
    found.sort((a, b) => a.from - b.from);
    const result: Fragment[] = [];
    let at = 0;
    for (const { from, to, id } of found) {
      if (at < from) result.push(text.slice(at, from));
      result.push(id);
      at = to;
    }
    if (at < text.length) result.push(text.slice(at));
    return result;
  }

  /** The special tokens that occur in the text, in claiming order. */
  private occurring(text: string, parseSpecial: boolean): SpecialToken[] {
    const seen = new Set<SpecialToken>();
    for (let start = 0; start < text.length; start++) {
      let node = this.trie.next.get(text.charCodeAt(start));
      for (let at = start + 1; node; node = node.next.get(text.charCodeAt(at++))) {
        if (node.token && (parseSpecial || !(node.token.attributes & (CONTROL | UNKNOWN)))) seen.add(node.token);
      }
    }
    return [...seen].sort((a, b) => a.order - b.order);
  }

  private insert(token: SpecialToken): void {
    let node = this.trie;
    for (let i = 0; i < token.text.length; i++) {
      const unit = token.text.charCodeAt(i);
      let next = node.next.get(unit);
      if (!next) {
        next = { next: new Map() };
        node.next.set(unit, next);
      }
      node = next;
    }
    node.token ??= token;
  }
}

/** The white space of C's isspace. */
function isSpace(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d);
}
