/** A list of strings whose items are decoded when they are asked for: vocabularies are long and mostly unread. */
export interface StringList {
  readonly length: number;
  /** Item `index` as text (UTF-8; malformed bytes become U+FFFD). */
  at(index: number): string;
  /** Item `index` as the bytes in the file; a view, not a copy. */
  bytesAt(index: number): Uint8Array;
  /** Where the bytes of all items lie, for tables over the whole list. */
  ranges(): ByteRanges;
}

/** Item i is `bytes[starts[i]]` up to, not including, `bytes[ends[i]]`. `bytes` is a view, not a copy. */
export interface ByteRanges {
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/** Numeric arrays keep their element type. */
export type NumberArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** 64-bit integers are numbers when they fit 53 bits, bigints otherwise. */
export type MetadataValue =
  | number
  | bigint
  | boolean
  | string
  | NumberArray
  | readonly (number | bigint)[]
  | readonly boolean[]
  | StringList
  | readonly MetadataValue[];

/**
 * The key-value part of a GGUF header. The typed getters return undefined for a missing key and throw `malformed` when
 * the value is of another kind.
 */
export interface Metadata {
  readonly keys: readonly string[];
  has(key: string): boolean;
  value(key: string): MetadataValue | undefined;
  number(key: string): number | undefined;
  boolean(key: string): boolean | undefined;
  string(key: string): string | undefined;
  numbers(key: string): ArrayLike<number> | undefined;
  booleans(key: string): readonly boolean[] | undefined;
  strings(key: string): StringList | undefined;
}
