/**
 * The types a metadata value can have: GGUF's name, the number in the file, and bytes per element.
 * Strings and arrays have no fixed size; theirs is the least an element can take (its length, or type and count).
 * Source: the GGUF specification (ggml/docs/gguf.md).
 */
export const VALUE_TYPES = {
  uint8: { id: 0, bytes: 1 },
  int8: { id: 1, bytes: 1 },
  uint16: { id: 2, bytes: 2 },
  int16: { id: 3, bytes: 2 },
  uint32: { id: 4, bytes: 4 },
  int32: { id: 5, bytes: 4 },
  float32: { id: 6, bytes: 4 },
  bool: { id: 7, bytes: 1 },
  string: { id: 8, bytes: 8 },
  array: { id: 9, bytes: 12 },
  uint64: { id: 10, bytes: 8 },
  int64: { id: 11, bytes: 8 },
  float64: { id: 12, bytes: 8 },
} as const satisfies Record<string, { id: number; bytes: number }>;

export type ValueType = keyof typeof VALUE_TYPES;

const BY_ID: ReadonlyMap<number, ValueType> = new Map(
  Object.entries(VALUE_TYPES).map(([name, { id }]) => [id, name as ValueType]),
);

/** The type with this number in a header, or undefined when the number is unknown. */
export function valueTypeFromId(id: number): ValueType | undefined {
  return BY_ID.get(id);
}
