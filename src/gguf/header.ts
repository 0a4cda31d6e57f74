import { throwIfAborted, WebggufError } from "../core/errors.ts";
import type { ByteSource, TensorInfo } from "../core/source.ts";
import { Cursor, PrefixTooShort } from "./cursor.ts";
import { describeForeignFile } from "./identify.ts";
import { FIRST_SLICE_BYTES, MAX_HEADER_BYTES, MAX_KEYS, MAX_NAME_BYTES, MAX_TENSORS, SPARE_BYTES } from "./limits.ts";
import { GgufMetadata, type StoredValue } from "./metadata.ts";
import type { SharedBytes } from "./strings.ts";
import { placeTensors, readTensorRecord, shortened, type TensorRecord } from "./tensors.ts";
import { ValueReader } from "./values.ts";

export interface GgufHeader {
  readonly version: number;
  readonly metadata: GgufMetadata;
  /** In the header's order. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** Bytes up to the end of the tensor table, padding not counted. */
  readonly headerBytes: number;
}

const MAGIC = "GGUF";
const DEFAULT_ALIGNMENT = 32;
/** The least an entry takes: key length, type and one byte; name length, dimension count, one dimension, type, offset. */
const KEY_BYTES = 8 + 4 + 1;
const TENSOR_BYTES = 8 + 4 + 8 + 4 + 8;

/** Reads one file's header in growing slices, until it is whole. */
export async function readHeader(source: ByteSource, signal?: AbortSignal): Promise<GgufHeader> {
  const shared: SharedBytes = { bytes: new Uint8Array(0) };
  let wanted = Math.min(FIRST_SLICE_BYTES, source.size);
  for (;;) {
    await extend(shared, source, wanted, signal);
    throwIfAborted(signal);
    const cursor = new Cursor(shared, source.name, source.size);
    try {
      const header = parseHeader(cursor, shared.bytes, source);
      const { headerBytes } = header;
      if (shared.bytes.length > headerBytes + SPARE_BYTES) shared.bytes = shared.bytes.slice(0, headerBytes);
      return header;
    } catch (error) {
      if (!(error instanceof PrefixTooShort)) throw error;
      wanted = Math.min(Math.max(error.wanted, shared.bytes.length * 2), MAX_HEADER_BYTES, source.size);
    }
  }
}

async function extend(shared: SharedBytes, source: ByteSource, length: number, signal?: AbortSignal): Promise<void> {
  const known = shared.bytes.length;
  const slice = await source.read(known, length - known, signal);
  if (slice.length !== length - known) {
    throw new WebggufError(
      "truncated",
      `${source.name}: ${slice.length} of ${length - known} bytes could be read at byte ${known}.`,
    );
  }
  if (known === 0) {
    shared.bytes = slice;
    return;
  }
  const joined = new Uint8Array(length);
  joined.set(shared.bytes);
  joined.set(slice, known);
  shared.bytes = joined;
}

function parseHeader(cursor: Cursor, bytes: Uint8Array, source: ByteSource): GgufHeader {
  checkMagic(cursor, bytes);
  const version = readVersion(cursor);
  const tensorCount = readCount(cursor, "tensors", MAX_TENSORS);
  const keyCount = readCount(cursor, "metadata keys", MAX_KEYS);
  cursor.require(tensorCount * TENSOR_BYTES + keyCount * KEY_BYTES, "the header");

  const values = readMetadata(cursor, keyCount);
  const metadata = new GgufMetadata(source.name, values);
  const alignment = readAlignment(cursor, metadata);

  cursor.require(tensorCount * TENSOR_BYTES, "the table of tensors");
  const records = new Map<string, TensorRecord>();
  for (let index = 0; index < tensorCount; index++) {
    const record = readTensorRecord(cursor, alignment);
    if (records.has(record.name)) {
      throw cursor.error(
        "malformed",
        `two tensors have the name ${shortened(record.name)}. The file is damaged or was made wrongly; download it again.`,
      );
    }
    records.set(record.name, record);
  }
  const headerBytes = cursor.position;
  const dataStart = Math.ceil(headerBytes / alignment) * alignment;
  return { version, metadata, tensors: placeTensors(records, dataStart, source, cursor), headerBytes };
}

function checkMagic(cursor: Cursor, bytes: Uint8Array): void {
  const found = String.fromCharCode(...bytes.subarray(0, MAGIC.length));
  if (MAGIC.startsWith(found) && found !== MAGIC) {
    throw cursor.error(
      "truncated",
      bytes.length === 0
        ? "the file is empty. Download it again."
        : `the file has only ${bytes.length} bytes. It was cut short; download it again.`,
    );
  }
  if (found !== MAGIC) {
    throw cursor.error("not-gguf", `this is not a GGUF file. ${describeForeignFile(bytes)}`);
  }
  cursor.position = MAGIC.length;
}

function readVersion(cursor: Cursor): number {
  const version = cursor.u32("the format version");
  if (version === 2 || version === 3) return version;
  if (version !== 0 && (version & 0xffff) === 0) {
    throw cursor.error(
      "unsupported-version",
      "this is a big-endian GGUF file. Only little-endian ones are supported; llama.cpp's gguf_convert_endian.py converts it.",
    );
  }
  throw cursor.error(
    "unsupported-version",
    version === 1
      ? "this is GGUF version 1, which was in use for some days in August 2023. Versions 2 and 3 are supported; download a newer conversion of the model."
      : `this is GGUF version ${version}; versions 2 and 3 are supported.`,
  );
}

function readCount(cursor: Cursor, what: string, most: number): number {
  const count = cursor.size(`the number of ${what}`);
  if (count <= most) return count;
  throw cursor.error(
    "malformed",
    `the header claims ${count} ${what}; no model has more than ${most}. The file is damaged; download it again.`,
  );
}

function readMetadata(cursor: Cursor, count: number): Map<string, StoredValue> {
  const reader = new ValueReader(cursor);
  const values = new Map<string, StoredValue>();
  for (let index = 0; index < count; index++) {
    const key = cursor.string("a metadata key", MAX_NAME_BYTES);
    if (values.has(key)) {
      throw cursor.error(
        "malformed",
        `the metadata key ${shortened(key)} occurs twice. The file is damaged or was made wrongly; download it again.`,
      );
    }
    values.set(key, reader.read(shortened(key)));
  }
  return values;
}

/** The specification asks for a multiple of 8, llama.cpp for a power of two; files follow llama.cpp. */
function readAlignment(cursor: Cursor, metadata: GgufMetadata): number {
  const alignment = metadata.number("general.alignment") ?? DEFAULT_ALIGNMENT;
  const isPowerOfTwo = Number.isInteger(Math.log2(alignment)) && alignment >= 1;
  if (isPowerOfTwo && alignment <= 2 ** 31) return alignment;
  throw cursor.error(
    "malformed",
    `general.alignment is ${alignment}; it must be a power of two. The file is damaged or was made wrongly; download it again.`,
  );
}
