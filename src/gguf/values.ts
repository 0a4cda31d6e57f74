import type { MetadataValue } from "../core/metadata.ts";
import type { Cursor } from "./cursor.ts";
import { MAX_ARRAY_DEPTH, MAX_BOXED_ELEMENTS } from "./limits.ts";
import type { StoredValue } from "./metadata.ts";
import { VALUE_TYPES, type ValueType, valueTypeFromId } from "./valueTypes.ts";

/** Reads the values of one header; counts the elements that become JavaScript values one by one. */
export class ValueReader {
  private readonly cursor: Cursor;
  private boxedElements = 0;

  constructor(cursor: Cursor) {
    this.cursor = cursor;
  }

  /** A value with its type in front, as it follows a key. */
  read(key: string): StoredValue {
    const what = `the value of ${key}`;
    const type = this.readType(what);
    if (type !== "array") return { type, value: this.scalar(type, what) };
    return this.array(what, 1);
  }

  private readType(what: string): ValueType {
    const { cursor } = this;
    const id = cursor.u32(`the type of ${what}`);
    const type = valueTypeFromId(id);
    if (type) return type;
    throw cursor.error(
      "malformed",
      `${what} has type ${id}; GGUF knows 0 to 12. The file is damaged; download it again.`,
    );
  }

  private scalar(type: Exclude<ValueType, "array">, what: string): MetadataValue {
    const { cursor } = this;
    if (type === "string") return cursor.string(what);
    cursor.require(VALUE_TYPES[type].bytes, what);
    const view = cursor.dataView(VALUE_TYPES[type].bytes);
    switch (type) {
      case "uint8":
        return view.getUint8(0);
      case "int8":
        return view.getInt8(0);
      case "uint16":
        return view.getUint16(0, true);
      case "int16":
        return view.getInt16(0, true);
      case "uint32":
        return view.getUint32(0, true);
      case "int32":
        return view.getInt32(0, true);
      case "float32":
        return view.getFloat32(0, true);
      case "float64":
        return view.getFloat64(0, true);
      case "bool":
        return view.getUint8(0) !== 0;
      case "uint64":
        return narrow(view.getBigUint64(0, true));
      case "int64":
        return narrow(view.getBigInt64(0, true));
    }
  }

  private array(what: string, depth: number): StoredValue {
    const { cursor } = this;
    if (depth > MAX_ARRAY_DEPTH) {
      throw cursor.error(
        "malformed",
        `${what} holds arrays nested deeper than ${MAX_ARRAY_DEPTH}. The file is damaged; download it again.`,
      );
    }
    const elementType = this.readType(`an element of ${what}`);
    const count = cursor.size(`the number of elements of ${what}`);
    const bytes = count * VALUE_TYPES[elementType].bytes;
    cursor.require(bytes, what);
    return { type: "array", elementType, value: this.elements(elementType, count, what, depth) };
  }

  private elements(type: ValueType, count: number, what: string, depth: number): MetadataValue {
    const { cursor } = this;
    if (type === "string") return cursor.strings(count, what);
    if (type === "array") {
      this.countBoxed(count, what);
      const arrays: MetadataValue[] = [];
      for (let index = 0; index < count; index++) arrays.push(this.array(what, depth + 1).value);
      return arrays;
    }
    if (type === "bool" || type === "uint64" || type === "int64") this.countBoxed(count, what);
    const buffer = cursor.copy(count * VALUE_TYPES[type].bytes, what);
    switch (type) {
      case "uint8":
        return new Uint8Array(buffer);
      case "int8":
        return new Int8Array(buffer);
      case "uint16":
        return new Uint16Array(buffer);
      case "int16":
        return new Int16Array(buffer);
      case "uint32":
        return new Uint32Array(buffer);
      case "int32":
        return new Int32Array(buffer);
      case "float32":
        return new Float32Array(buffer);
      case "float64":
        return new Float64Array(buffer);
      case "bool":
        return Array.from(new Uint8Array(buffer), (byte) => byte !== 0);
      case "uint64":
        return Array.from(new BigUint64Array(buffer), narrow);
      case "int64":
        return Array.from(new BigInt64Array(buffer), narrow);
    }
  }

  private countBoxed(count: number, what: string): void {
    this.boxedElements += count;
    if (this.boxedElements <= MAX_BOXED_ELEMENTS) return;
    throw this.cursor.error(
      "malformed",
      `${what} and the arrays before it hold more than ${MAX_BOXED_ELEMENTS} booleans, 64-bit numbers and nested arrays, which no model needs. The file is damaged; download it again.`,
    );
  }
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
