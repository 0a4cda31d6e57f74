import { VALUE_TYPES, type ValueType } from "./valueTypes.ts";

type NumberType = "uint8" | "int8" | "uint16" | "int16" | "uint32" | "int32" | "float32" | "float64";
type Integer64Type = "uint64" | "int64";
type ScalarType = Exclude<ValueType, "string" | "array">;

/** A metadata value with the exact type it gets in the file. */
export type TypedValue =
  | { readonly type: NumberType; readonly value: number }
  | { readonly type: Integer64Type; readonly value: number | bigint }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "string"; readonly value: string | Uint8Array }
  | TypedArrayValue;

export type TypedArrayValue = { readonly type: "array" } & (
  | { readonly of: NumberType; readonly value: ArrayLike<number> }
  | { readonly of: Integer64Type; readonly value: ArrayLike<number | bigint> }
  | { readonly of: "bool"; readonly value: readonly boolean[] }
  | { readonly of: "string"; readonly value: readonly (string | Uint8Array)[] }
  | { readonly of: "array"; readonly value: readonly TypedArrayValue[] }
);

/** The bytes of a value, without the number of its type; arrays begin with element type and count. */
export function encodeValue(typed: TypedValue): Uint8Array {
  switch (typed.type) {
    case "string":
      return encodeStrings([typed.value], new Uint8Array(0));
    case "array":
      return encodeArray(typed);
    default:
      return encodeScalars(typed.type, [typed.value], new Uint8Array(0));
  }
}

function encodeArray(array: TypedArrayValue): Uint8Array {
  const prefix = new Uint8Array(12);
  const view = new DataView(prefix.buffer);
  view.setUint32(0, VALUE_TYPES[array.of].id, true);
  view.setBigUint64(4, BigInt(array.value.length), true);
  switch (array.of) {
    case "string":
      return encodeStrings(array.value, prefix);
    case "array":
      return joinBytes([prefix, ...array.value.map(encodeArray)]);
    default:
      return encodeScalars(array.of, array.value, prefix);
  }
}

function encodeStrings(strings: readonly (string | Uint8Array)[], prefix: Uint8Array): Uint8Array {
  const encoder = new TextEncoder();
  const texts = strings.map((text) => (typeof text === "string" ? encoder.encode(text) : text));
  const encoded = new Uint8Array(texts.reduce((sum, bytes) => sum + 8 + bytes.length, prefix.length));
  encoded.set(prefix);
  const view = new DataView(encoded.buffer);
  let at = prefix.length;
  for (const bytes of texts) {
    view.setUint32(at, bytes.length, true);
    encoded.set(bytes, at + 8);
    at += 8 + bytes.length;
  }
  return encoded;
}

function encodeScalars(type: ScalarType, values: ArrayLike<number | bigint | boolean>, prefix: Uint8Array): Uint8Array {
  const { bytes } = VALUE_TYPES[type];
  const encoded = new Uint8Array(prefix.length + values.length * bytes);
  encoded.set(prefix);
  const view = new DataView(encoded.buffer);
  const set = SETTERS[type];
  for (let index = 0; index < values.length; index++) {
    set(view, prefix.length + index * bytes, values[index]);
  }
  return encoded;
}

const SETTERS: Record<ScalarType, (view: DataView, at: number, value: number | bigint | boolean) => void> = {
  uint8: (view, at, value) => view.setUint8(at, Number(value)),
  int8: (view, at, value) => view.setInt8(at, Number(value)),
  uint16: (view, at, value) => view.setUint16(at, Number(value), true),
  int16: (view, at, value) => view.setInt16(at, Number(value), true),
  uint32: (view, at, value) => view.setUint32(at, Number(value), true),
  int32: (view, at, value) => view.setInt32(at, Number(value), true),
  float32: (view, at, value) => view.setFloat32(at, Number(value), true),
  float64: (view, at, value) => view.setFloat64(at, Number(value), true),
  bool: (view, at, value) => view.setUint8(at, Number(value)),
  uint64: (view, at, value) => view.setBigUint64(at, BigInt(value), true),
  int64: (view, at, value) => view.setBigInt64(at, BigInt(value), true),
};

/** The pieces one after the other. */
export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}
