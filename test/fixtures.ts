import { DTYPES, type DType } from "../src/core/dtype.ts";
import { throwIfAborted, WebggufError } from "../src/core/errors.ts";
import type { ByteSource } from "../src/core/source.ts";
import { ggufBytes } from "../src/gguf/writer.ts";
import { type Mix, mixChoice, pureChoice } from "../src/synthetic/mixes.ts";
import { syntheticModel } from "../src/synthetic/model.ts";
import type { ModelShape } from "../src/synthetic/shapes.ts";

export interface TinyModelOptions {
  readonly architecture: ModelShape["architecture"];
  /** Storage type of every matrix. Default F32. */
  readonly dtype?: DType;
  /** A mixture as llama-quantize makes it, instead of one type. */
  readonly mix?: Mix;
  /** Default 2. */
  readonly layers?: number;
  /** Default 1. */
  readonly seed?: number;
  /** Default: tied for qwen3, apart for the others. */
  readonly tiedEmbeddings?: boolean;
}

/**
 * A tiny valid model with random weights, a tokenizer (SentencePiece style for llama, byte-level BPE for the others) and
 * a chat template; under 1 MB and the same bytes every time. Rows have 64 elements, or 256 where the type needs it.
 */
export function tinyModel(options: TinyModelOptions): Uint8Array<ArrayBuffer> {
  const { architecture, dtype = "F32", mix, layers = 2, seed = 1 } = options;
  const needsWideRows =
    mix === undefined ? DTYPES[dtype].blockElements > 64 : mix !== "F32" && mix !== "F16" && mix !== "Q8_0";
  const width = needsWideRows ? 256 : 64;
  const headSize = width / 4;
  const shape: ModelShape = {
    name: "Tiny",
    architecture,
    layers,
    width,
    feedForward: needsWideRows ? 256 : 128,
    heads: 4,
    kvHeads: 2,
    headSize,
    vocabularySize: 512,
    tiedEmbeddings: options.tiedEmbeddings ?? architecture === "qwen3",
    ropeBase: architecture === "llama" ? 1e4 : 1e6,
    epsilon: 1e-5,
    contextLength: 512,
  };
  const types = mix === undefined ? pureChoice(dtype) : mixChoice(mix, shape);
  return ggufBytes(syntheticModel(shape, { types, seed, tokenizer: architecture === "llama" ? "spm" : "bpe" }));
}

/** A byte source in memory that counts what is read from it. */
export class MemorySource implements ByteSource {
  readonly name: string;
  readonly size: number;
  /** Bytes read so far. */
  bytesRead = 0;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array, name = "model.gguf") {
    this.bytes = bytes;
    this.name = name;
    this.size = bytes.length;
  }

  async read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    throwIfAborted(signal);
    if (offset + length > this.size) throw new WebggufError("truncated", `${this.name} has ${this.size} bytes.`);
    this.bytesRead += length;
    return new Uint8Array(this.bytes.subarray(offset, offset + length));
  }
}
