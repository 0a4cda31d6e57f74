import { byteLength, DTYPES, type DType } from "../core/dtype.ts";
import { WebggufError } from "../core/errors.ts";
import { encodeValue, type TypedValue } from "./encode.ts";
import { VALUE_TYPES } from "./valueTypes.ts";

/** A tensor to be written. */
export interface TensorToWrite<Data = TensorData> {
  readonly name: string;
  readonly dtype: DType;
  /** ggml's order: `shape[0]` is the length of a row. */
  readonly shape: readonly number[];
  /** The tensor's bytes in pieces of any size; called once, when the tensor's turn comes. */
  readonly data: () => Data;
}

export type SyncTensorData = Iterable<Uint8Array>;
export type TensorData = SyncTensorData | AsyncIterable<Uint8Array>;

export interface GgufContents<Data = TensorData> {
  /** Written in the map's order. `general.alignment` is added when the alignment is not 32. */
  readonly metadata: ReadonlyMap<string, TypedValue>;
  readonly tensors: readonly TensorToWrite<Data>[];
}

export interface WriteOptions {
  /** Default 3. */
  readonly version?: 2 | 3;
  /** Power of two; default 32. */
  readonly alignment?: number;
}

/** Size in bytes of the file that `contents` become. */
export function ggufSize(contents: GgufContents, options: WriteOptions = {}): number {
  const { header, tensors } = layOut(contents, options);
  return tensors.reduce((sum, tensor) => sum + tensor.padded, header.length);
}

/**
 * Writes a GGUF file as a stream: the header, then each tensor's own chunks, so that a file of any size needs no more
 * memory than one chunk. Throws `invalid-argument` for shapes that do not fit their type and data of another length.
 */
export async function* writeGguf(contents: GgufContents, options: WriteOptions = {}): AsyncGenerator<Uint8Array> {
  const { header, tensors } = layOut(contents, options);
  yield header;
  for (const { tensor, bytes, padded } of tensors) {
    let written = 0;
    for await (const chunk of tensor.data()) {
      written += chunk.length;
      yield chunk;
    }
    checkWritten(tensor, written, bytes);
    if (padded > bytes) yield new Uint8Array(padded - bytes);
  }
}

/** The whole of a small file as one array. */
export function ggufBytes(contents: GgufContents<SyncTensorData>, options: WriteOptions = {}): Uint8Array<ArrayBuffer> {
  const { header, tensors } = layOut(contents, options);
  const file = new Uint8Array(tensors.reduce((sum, { padded }) => sum + padded, header.length));
  file.set(header);
  let start = header.length;
  for (const { tensor, bytes, padded } of tensors) {
    let written = 0;
    for (const chunk of tensor.data()) {
      if (written + chunk.length <= bytes) file.set(chunk, start + written);
      written += chunk.length;
    }
    checkWritten(tensor, written, bytes);
    start += padded;
  }
  return file;
}

interface PlacedTensor<Data> {
  readonly tensor: TensorToWrite<Data>;
  readonly bytes: number;
  /** `bytes` rounded up to the alignment. */
  readonly padded: number;
}

/** The header, padded to the alignment, and what follows it. */
function layOut<Data>(
  { metadata, tensors }: GgufContents<Data>,
  { version = 3, alignment = 32 }: WriteOptions,
): { header: Uint8Array; tensors: PlacedTensor<Data>[] } {
  if (alignment < 1 || !Number.isInteger(Math.log2(alignment))) {
    throw new WebggufError("invalid-argument", `The alignment is ${alignment}; it must be a power of two.`);
  }
  const entries = new Map(metadata);
  if (alignment !== 32) entries.set("general.alignment", { type: "uint32", value: alignment });
  const pieces: Uint8Array[] = [
    new TextEncoder().encode("GGUF"),
    encodeValue({ type: "uint32", value: version }),
    encodeValue({ type: "uint64", value: tensors.length }),
    encodeValue({ type: "uint64", value: entries.size }),
  ];
  for (const [key, value] of entries) {
    pieces.push(encodeValue({ type: "string", value: key }));
    pieces.push(encodeValue({ type: "uint32", value: VALUE_TYPES[value.type].id }));
    pieces.push(encodeValue(value));
  }
  const placed: PlacedTensor<Data>[] = [];
  let offset = 0;
  for (const tensor of tensors) {
    const bytes = tensorBytes(tensor);
    const padded = Math.ceil(bytes / alignment) * alignment;
    placed.push({ tensor, bytes, padded });
    pieces.push(encodeValue({ type: "string", value: tensor.name }));
    pieces.push(encodeValue({ type: "uint32", value: tensor.shape.length }));
    for (const length of tensor.shape) pieces.push(encodeValue({ type: "uint64", value: length }));
    pieces.push(encodeValue({ type: "uint32", value: DTYPES[tensor.dtype].id }));
    pieces.push(encodeValue({ type: "uint64", value: offset }));
    offset += padded;
  }
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const header = new Uint8Array(Math.ceil(length / alignment) * alignment);
  let at = 0;
  for (const piece of pieces) {
    header.set(piece, at);
    at += piece.length;
  }
  return { header, tensors: placed };
}

function tensorBytes({ name, dtype, shape }: TensorToWrite<unknown>): number {
  const isWhole = shape.length >= 1 && shape.length <= 4 && shape.every((n) => Number.isSafeInteger(n) && n > 0);
  if (!isWhole || shape[0] % DTYPES[dtype].blockElements !== 0) {
    throw new WebggufError(
      "invalid-argument",
      `Tensor ${name} cannot have the shape [${shape}] as ${dtype}, whose blocks have ${DTYPES[dtype].blockElements} elements.`,
    );
  }
  return byteLength(
    dtype,
    shape.reduce((product, n) => product * n, 1),
  );
}

function checkWritten({ name, dtype, shape }: TensorToWrite<unknown>, written: number, expected: number): void {
  if (written === expected) return;
  throw new WebggufError(
    "invalid-argument",
    `The data of tensor ${name} are ${written} bytes; ${dtype} of shape [${shape}] takes ${expected}.`,
  );
}
