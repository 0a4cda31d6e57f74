import type { GgufContents } from "../gguf/writer.ts";

/**
 * Cuts a model into the contents of `count` files, as llama.cpp's gguf-split does: all metadata in the first part, and
 * in each the keys that say which part it is. Tensors are dealt out evenly by number.
 */
export function splitModel<Data>(contents: GgufContents<Data>, count: number): GgufContents<Data>[] {
  const perPart = Math.ceil(contents.tensors.length / count);
  return Array.from({ length: count }, (_, number) => ({
    metadata: new Map([
      ...(number === 0 ? contents.metadata : []),
      ["split.no", { type: "uint16", value: number }],
      ["split.count", { type: "uint16", value: count }],
      ["split.tensors.count", { type: "int32", value: contents.tensors.length }],
    ]),
    tensors: contents.tensors.slice(number * perPart, (number + 1) * perPart),
  }));
}

/** `name-00001-of-00003.gguf` for part 0 of 3. */
export function partName(name: string, number: number, count: number): string {
  const pad = (value: number) => String(value).padStart(5, "0");
  return `${name}-${pad(number + 1)}-of-${pad(count)}.gguf`;
}
