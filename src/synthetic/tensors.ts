import { byteLength } from "../core/dtype.ts";
import type { Metadata } from "../core/metadata.ts";
import type { TensorInfo } from "../core/source.ts";
import { openGguf } from "../gguf/open.ts";
import { type GgufContents, ggufBytes, type SyncTensorData, type TensorToWrite } from "../gguf/writer.ts";

/** Bytes of a tensor that are made; the rest repeats them. */
const MADE_BYTES = 4 << 20;

export interface SyntheticHeader {
  readonly metadata: Metadata;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
}

/**
 * The header of a synthetic model, with tensors that are made as they are read: no file and no memory holds the model. A
 * tensor of more than some megabytes repeats its beginning.
 */
export async function syntheticHeader({ metadata, tensors }: GgufContents<SyncTensorData>): Promise<SyntheticHeader> {
  const header = ggufBytes({ metadata, tensors: [] });
  const source = {
    name: "header.gguf",
    size: header.length,
    read: async (at: number, n: number) => header.slice(at, at + n),
  };
  const file = await openGguf([source]);
  return { metadata: file.metadata, tensors: new Map(tensors.map((tensor) => [tensor.name, readable(tensor)])) };
}

/** The beginning of the tensor that was read last: tensors are read slice after slice. */
let latest: { readonly data: () => SyncTensorData; readonly made: Uint8Array } | undefined;

function readable({ name, dtype, shape, data }: TensorToWrite<SyncTensorData>): TensorInfo {
  const bytes = byteLength(
    dtype,
    shape.reduce((product, length) => product * length, 1),
  );
  const read = async (offset: number, length: number) => {
    if (latest?.data !== data) latest = { data, made: beginning(data()) };
    const { made } = latest;
    const result = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const from = (offset + done) % made.length;
      const part = made.subarray(from, Math.min(made.length, from + length - done));
      result.set(part, done);
      done += part.length;
    }
    return result;
  };
  return { name, dtype, shape, source: { name, size: bytes, read }, offset: 0, byteLength: bytes };
}

/** Whole chunks, so whole blocks. */
function beginning(chunks: SyncTensorData): Uint8Array {
  const taken: Uint8Array[] = [];
  let bytes = 0;
  for (const chunk of chunks) {
    taken.push(chunk);
    bytes += chunk.length;
    if (bytes >= MADE_BYTES) break;
  }
  const all = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of taken) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
