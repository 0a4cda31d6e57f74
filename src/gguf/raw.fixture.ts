import { encodeValue, joinBytes, type TypedValue } from "./encode.ts";
import { VALUE_TYPES } from "./valueTypes.ts";

/** A header spelled out, so that tests can say anything in it, right or wrong. */
export interface RawGguf {
  magic: string;
  version: number;
  tensorCount?: number | bigint;
  keyCount?: number | bigint;
  /** Key, number of the value's type, and the value's bytes. */
  keys: [string, number, Uint8Array][];
  tensors: { name: string; dimensions: (number | bigint)[]; type: number; offset: number | bigint }[];
  dimensionCount?: number;
  alignment: number;
  dataBytes: number;
}

export function key(name: string, value: TypedValue): [string, number, Uint8Array] {
  return [name, VALUE_TYPES[value.type].id, encodeValue(value)];
}

/** The beginning of an array: number of the element type, and count. */
export function arrayStart(elementType: number, count: number | bigint): Uint8Array {
  return joinBytes([u32(elementType), u64(count)]);
}

/** A good file: some keys, and two F32 tensors of 8 elements one after the other. */
export function goodGguf(): RawGguf {
  return {
    magic: "GGUF",
    version: 3,
    keys: [
      key("general.architecture", { type: "string", value: "llama" }),
      key("tokenizer.ggml.tokens", { type: "array", of: "string", value: ["<s>", "東", "c"] }),
      key("tokenizer.ggml.scores", { type: "array", of: "float32", value: [0, -1, -2] }),
      key("llama.flags", { type: "array", of: "bool", value: [true, false] }),
      key("nested", { type: "array", of: "array", value: [{ type: "array", of: "int64", value: [1] }] }),
      key("llama.block_count", { type: "uint32", value: 2 }),
    ],
    tensors: [
      { name: "a.weight", dimensions: [4, 2], type: 0, offset: 0 },
      { name: "b.weight", dimensions: [8], type: 0, offset: 32 },
    ],
    alignment: 32,
    dataBytes: 64,
  };
}

export function rawBytes(raw: RawGguf): Uint8Array<ArrayBuffer> {
  const header = joinBytes([
    new TextEncoder().encode(raw.magic),
    u32(raw.version),
    u64(raw.tensorCount ?? raw.tensors.length),
    u64(raw.keyCount ?? raw.keys.length),
    ...raw.keys.flatMap(([name, type, value]) => [text(name), u32(type), value]),
    ...raw.tensors.flatMap(({ name, dimensions, type, offset }) => [
      text(name),
      u32(raw.dimensionCount ?? dimensions.length),
      ...dimensions.map(u64),
      u32(type),
      u64(offset),
    ]),
  ]);
  const dataStart = Math.ceil(header.length / raw.alignment) * raw.alignment;
  const file = new Uint8Array(dataStart + raw.dataBytes);
  file.set(header);
  return file;
}

function text(value: string): Uint8Array {
  return encodeValue({ type: "string", value });
}

function u32(value: number): Uint8Array {
  return encodeValue({ type: "uint32", value });
}

function u64(value: number | bigint): Uint8Array {
  return encodeValue({ type: "uint64", value });
}
