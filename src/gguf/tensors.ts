import { byteLength, DTYPES, dtypeFromId } from "../core/dtype.ts";
import type { ByteSource, TensorInfo } from "../core/source.ts";
import type { Cursor } from "./cursor.ts";
import { MAX_DIMENSIONS, MAX_FILE_BYTES, MAX_NAME_BYTES } from "./limits.ts";

/** A tensor as the header describes it; `offset` counts from the start of the data. */
export type TensorRecord = Omit<TensorInfo, "source">;

const DAMAGED = "The file is damaged; download it again.";

/** Reads one entry of the tensor table and checks it as far as it can be checked on its own. */
export function readTensorRecord(cursor: Cursor, alignment: number): TensorRecord {
  const name = cursor.string("a tensor's name", MAX_NAME_BYTES);
  const what = `tensor ${shortened(name)}`;
  const dimensions = cursor.u32(`the number of dimensions of ${what}`);
  if (dimensions < 1 || dimensions > MAX_DIMENSIONS) {
    throw cursor.error(
      "malformed",
      `${what} has ${dimensions} dimensions; 1 to ${MAX_DIMENSIONS} are possible. ${DAMAGED}`,
    );
  }
  const shape: number[] = [];
  let elements = 1;
  for (let axis = 0; axis < dimensions; axis++) {
    const length = cursor.size(`dimension ${axis} of ${what}`);
    if (length === 0) {
      throw cursor.error("malformed", `${what} has a dimension of length 0 (${axis}), so it is empty. ${DAMAGED}`);
    }
    shape.push(length);
    elements *= length;
    if (elements > Number.MAX_SAFE_INTEGER) {
      throw cursor.error("malformed", `${what} has the shape [${shape}…], which no memory can hold. ${DAMAGED}`);
    }
  }
  const typeId = cursor.u32(`the type of ${what}`);
  const dtype = dtypeFromId(typeId);
  if (!dtype) {
    throw cursor.error(
      "unsupported-quantization",
      `${what} has storage type number ${typeId}, which is not known here. Known types: ${Object.keys(DTYPES).join(", ")}. Try another quantization of the model.`,
    );
  }
  const { blockElements } = DTYPES[dtype];
  if (shape[0] % blockElements !== 0) {
    throw cursor.error(
      "malformed",
      `${what} has rows of ${shape[0]} elements, but ${dtype} comes in blocks of ${blockElements}. The file was made wrongly; try another quantization.`,
    );
  }
  const offset = cursor.size(`the offset of ${what}`);
  if (offset % alignment !== 0) {
    throw cursor.error(
      "malformed",
      `${what} starts ${offset} bytes into the data, which is not a multiple of the alignment ${alignment}. ${DAMAGED}`,
    );
  }
  return { name, dtype, shape, offset, byteLength: byteLength(dtype, elements) };
}

/**
 * Checks that the tensors lie within the file and apart from each other, and gives them their absolute offsets.
 * `dataStart` is the first byte of the data.
 */
export function placeTensors(
  records: ReadonlyMap<string, TensorRecord>,
  dataStart: number,
  source: ByteSource,
  cursor: Cursor,
): Map<string, TensorInfo> {
  const ascending = [...records.values()].sort((a, b) => a.offset - b.offset);
  for (const [index, tensor] of ascending.entries()) {
    const next = ascending[index + 1];
    if (next && tensor.offset + tensor.byteLength > next.offset) {
      throw cursor.error(
        "malformed",
        `the data of tensors ${shortened(tensor.name)} and ${shortened(next.name)} overlap (from byte ${dataStart + next.offset}). ${DAMAGED}`,
      );
    }
  }
  const last = ascending.at(-1);
  const end = last ? dataStart + last.offset + last.byteLength : 0;
  if (last && end > MAX_FILE_BYTES) {
    throw cursor.error(
      "malformed",
      `the data of tensor ${shortened(last.name)} ends at byte ${end}, far beyond any file (this one has ${source.size}). ${DAMAGED}`,
    );
  }
  if (last && end > source.size) {
    const missing = ascending.filter((tensor) => dataStart + tensor.offset + tensor.byteLength > source.size);
    throw cursor.error(
      "truncated",
      `the weights go on to byte ${end}, but the file ends at byte ${source.size}: ${missing.length} of ${ascending.length} tensors are incomplete, the first is ${shortened(missing[0].name)}. It was cut short; download it again.`,
    );
  }
  const placed = new Map<string, TensorInfo>();
  for (const record of records.values()) {
    placed.set(record.name, { ...record, source, offset: dataStart + record.offset });
  }
  return placed;
}

/** A name from the file as it may stand in a message. */
export function shortened(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}
