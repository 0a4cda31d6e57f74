import { WebggufError } from "../core/errors.ts";
import type { Metadata, MetadataValue, StringList } from "../core/metadata.ts";
import type { ValueType } from "./valueTypes.ts";

/** A value with the type it has in the file; arrays name their elements' type too. */
export interface StoredValue {
  readonly type: ValueType;
  readonly elementType?: ValueType;
  readonly value: MetadataValue;
}

/** The metadata of one header, in the file's order. */
export class GgufMetadata implements Metadata {
  private readonly fileName: string;
  private readonly values: ReadonlyMap<string, StoredValue>;

  constructor(fileName: string, values: ReadonlyMap<string, StoredValue>) {
    this.fileName = fileName;
    this.values = values;
  }

  get keys(): readonly string[] {
    return [...this.values.keys()];
  }

  has(key: string): boolean {
    return this.values.has(key);
  }

  value(key: string): MetadataValue | undefined {
    return this.values.get(key)?.value;
  }

  number(key: string): number | undefined {
    const value = this.value(key);
    if (value === undefined || typeof value === "number") return value;
    throw this.mismatch(key, "a number");
  }

  boolean(key: string): boolean | undefined {
    const value = this.value(key);
    if (value === undefined || typeof value === "boolean") return value;
    throw this.mismatch(key, "a boolean");
  }

  string(key: string): string | undefined {
    const value = this.value(key);
    if (value === undefined || typeof value === "string") return value;
    throw this.mismatch(key, "a string");
  }

  numbers(key: string): ArrayLike<number> | undefined {
    const stored = this.values.get(key);
    if (!stored) return undefined;
    const { elementType, value } = stored;
    if (ArrayBuffer.isView(value)) return value as ArrayLike<number>;
    const isInteger64 = elementType === "int64" || elementType === "uint64";
    if (isInteger64 && (value as readonly (number | bigint)[]).every((item) => typeof item === "number")) {
      return value as readonly number[];
    }
    throw this.mismatch(key, "an array of numbers");
  }

  booleans(key: string): readonly boolean[] | undefined {
    const stored = this.values.get(key);
    if (!stored) return undefined;
    if (stored.elementType === "bool") return stored.value as readonly boolean[];
    throw this.mismatch(key, "an array of booleans");
  }

  strings(key: string): StringList | undefined {
    const stored = this.values.get(key);
    if (!stored) return undefined;
    if (stored.elementType === "string") return stored.value as StringList;
    throw this.mismatch(key, "an array of strings");
  }

  private mismatch(key: string, expected: string): WebggufError {
    const { type, elementType, value } = this.values.get(key)!;
    const found = elementType ? `an array of ${elementType}` : typeof value === "bigint" ? `${value}` : type;
    return new WebggufError(
      "malformed",
      `${this.fileName}: metadata key ${key} should be ${expected}, but is ${found}. The file was made wrongly; try another copy of the model.`,
    );
  }
}
