import { WebggufError } from "../../core/errors.ts";
import type { Metadata } from "../../core/metadata.ts";

/** Larger than any size a real model has; a header that claims more is damaged. */
const LARGEST_SIZE = 2 ** 24;

/** Reads an architecture's own keys (`llama.block_count` for "block_count") and checks that they make sense. */
export class MetadataReader {
  readonly #metadata: Metadata;
  readonly #architecture: string;

  constructor(metadata: Metadata) {
    this.#metadata = metadata;
    this.#architecture = metadata.string("general.architecture") ?? "";
  }

  /** A size that must be there: a whole number from 1 to `most`. */
  size(key: string, most = LARGEST_SIZE): number {
    return this.#required(key, this.optionalSize(key, most));
  }

  optionalSize(key: string, most = LARGEST_SIZE): number | undefined {
    const value = this.#metadata.number(this.#key(key));
    return value === undefined ? undefined : this.#checkedSize(key, value, most);
  }

  /** A size given once for all layers, or as an array with one entry per layer. */
  sizePerLayer(key: string, layers: number): readonly number[] {
    return this.#required(key, this.optionalSizePerLayer(key, layers));
  }

  optionalSizePerLayer(key: string, layers: number): readonly number[] | undefined {
    const value = this.#metadata.value(this.#key(key));
    if (value === undefined) return undefined;
    if (typeof value === "number") return new Array(layers).fill(this.#checkedSize(key, value, LARGEST_SIZE));
    const list = this.#metadata.numbers(this.#key(key)) ?? [];
    if (list.length < layers) {
      throw this.#malformed(key, `an array of ${list.length} numbers`, `one number for each of the ${layers} layers`);
    }
    return Array.from({ length: layers }, (_, layer) => this.#checkedSize(key, list[layer], LARGEST_SIZE));
  }

  /** A finite number greater than 0 that must be there. */
  positive(key: string): number {
    return this.#required(key, this.optionalPositive(key));
  }

  optionalPositive(key: string): number | undefined {
    const value = this.optionalNumber(key);
    if (value !== undefined && !(value > 0 && Number.isFinite(value))) {
      throw this.#malformed(key, String(value), "a number greater than 0");
    }
    return value;
  }

  optionalNumber(key: string): number | undefined {
    return this.#metadata.number(this.#key(key));
  }

  optionalString(key: string): string | undefined {
    return this.#metadata.string(this.#key(key));
  }

  #key(key: string): string {
    return `${this.#architecture}.${key}`;
  }

  #required<T>(key: string, value: T | undefined): T {
    if (value !== undefined) return value;
    throw new WebggufError(
      "missing-metadata",
      `The file's header has no "${this.#key(key)}", which every ${this.#architecture} model needs. Convert the model again with a current converter.`,
    );
  }

  #checkedSize(key: string, value: number, most: number): number {
    if (Number.isInteger(value) && value >= 1 && value <= most) return value;
    throw this.#malformed(key, String(value), `a whole number from 1 to ${most}`);
  }

  #malformed(key: string, found: string, expected: string): WebggufError {
    return new WebggufError(
      "malformed",
      `The file's header says "${this.#key(key)}" is ${found}; expected ${expected}.`,
    );
  }
}
