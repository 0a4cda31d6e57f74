import { WebggufError } from "../core/errors.ts";
import type { Metadata, MetadataValue, StringList } from "../core/metadata.ts";

/** Metadata from plain values, for tests: arrays of strings become string lists. */
export function metadataOf(values: Record<string, string | number | boolean | number[] | string[]>): Metadata {
  const entries = new Map<string, MetadataValue>();
  for (const [key, value] of Object.entries(values)) {
    const isStrings = Array.isArray(value) && value.every((item) => typeof item === "string");
    entries.set(key, isStrings ? stringList(value) : (value as MetadataValue));
  }
  const typed = <T>(key: string, fits: (value: MetadataValue) => boolean): T | undefined => {
    const value = entries.get(key);
    if (value !== undefined && !fits(value)) throw new WebggufError("malformed", `"${key}" is of another type.`);
    return value as T | undefined;
  };
  return {
    keys: [...entries.keys()],
    has: (key) => entries.has(key),
    value: (key) => entries.get(key),
    number: (key) => typed(key, (value) => typeof value === "number"),
    boolean: (key) => typed(key, (value) => typeof value === "boolean"),
    string: (key) => typed(key, (value) => typeof value === "string"),
    numbers: (key) => typed(key, Array.isArray),
    booleans: (key) => typed(key, Array.isArray),
    strings: (key) => typed(key, (value) => typeof value === "object" && "bytesAt" in value),
  };
}

function stringList(items: readonly string[]): StringList {
  const encoded = items.map((item) => new TextEncoder().encode(item));
  return {
    length: items.length,
    at: (index) => items[index],
    bytesAt: (index) => encoded[index],
    ranges: () => {
      const ends = new Uint32Array(items.length);
      let end = 0;
      for (const [index, bytes] of encoded.entries()) ends[index] = end += bytes.length;
      const starts = ends.map((value, index) => value - encoded[index].length);
      const bytes = new Uint8Array(end);
      for (const [index, item] of encoded.entries()) bytes.set(item, starts[index]);
      return { bytes, starts, ends };
    },
  };
}

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The letters of GPT-2's byte alphabet, by byte: visible Latin-1 as it is, the rest from U+0100 on. */
export const BYTE_LETTERS: readonly string[] = (() => {
  const isVisible = (byte: number) => (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isVisible(byte) ? byte : next++));
})();

/** Random text from all over Unicode, rich in what tokenizers trip over. */
export function randomText(random: () => number, length: number): string {
  const pick = (items: readonly string[]) => items[Math.floor(random() * items.length)];
  const tricky = [
    " ",
    "  ",
    "\n",
    "\r\n",
    "\t",
    "\u00a0",
    "\u0085",
    "\ufeff",
    "'s",
    "'RE",
    " '",
    "'",
    "▁",
    "é",
    "e\u0301",
  ];
  const words = [
    "hello",
    "World",
    "Straße",
    "привет",
    "ελληνικά",
    "你好",
    "ไทย",
    "हिन्दी",
    "한국어",
    "👩‍👩‍👧",
    "🇩🇪",
    "123",
    "4567",
    "½",
  ];
  const any = () => {
    const codePoint = Math.floor(random() * 0x110000);
    return codePoint >= 0xd800 && codePoint < 0xe000 ? "" : String.fromCodePoint(codePoint);
  };
  let text = "";
  for (let i = 0; i < length; i++) text += random() < 0.4 ? pick(tricky) : random() < 0.6 ? pick(words) : any();
  return text;
}
