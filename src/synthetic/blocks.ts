import { DTYPES, type DType } from "../core/dtype.ts";
import { dequantize } from "../quant/index.ts";
import { bf16Bits, f16Bits } from "./half.ts";
import { Random } from "./random.ts";

/**
 * Where a block keeps its scale. `d`: byte offset of the F16 scale; `min`: that of the F16 minimum, which is set to
 * `minRatio · d` so that the block's values have mean zero. Layouts: `src/quant/`.
 */
interface ScaleLayout {
  readonly d: number;
  readonly min?: number;
  readonly minRatio?: number;
}

const SCALE_LAYOUTS: Partial<Record<DType, ScaleLayout>> = {
  Q1_0: { d: 0 },
  Q2_0: { d: 0 },
  Q4_0: { d: 0 },
  Q4_1: { d: 0, min: 2, minRatio: -7.5 },
  Q5_0: { d: 0 },
  Q5_1: { d: 0, min: 2, minRatio: -15.5 },
  Q8_0: { d: 0 },
  Q2_K: { d: 80, min: 82, minRatio: 1.5 },
  Q3_K: { d: 108 },
  Q4_K: { d: 0, min: 2, minRatio: 7.5 },
  Q5_K: { d: 0, min: 2, minRatio: 15.5 },
  Q6_K: { d: 208 },
  IQ1_S: { d: 0 },
  IQ2_XXS: { d: 0 },
  IQ2_XS: { d: 0 },
  IQ2_S: { d: 0 },
  IQ3_XXS: { d: 0 },
  IQ3_S: { d: 0 },
  IQ4_NL: { d: 0 },
  IQ4_XS: { d: 0 },
  TQ1_0: { d: 52 },
  TQ2_0: { d: 64 },
};

/** Bytes per chunk, about. */
const CHUNK_BYTES = 2 ** 20;

/**
 * Blocks of random weights with mean 0 and standard deviation `sigma`, in chunks of about 1 MB: random bits, and scale
 * fields set so that the values have the wanted size. F32, F16 and BF16 are uniformly distributed.
 */
export function* randomWeights(
  dtype: DType,
  elements: number,
  sigma: number,
  random: Random,
): Generator<Uint8Array<ArrayBuffer>> {
  const { blockElements, blockBytes } = DTYPES[dtype];
  const finish = finisher(dtype, sigma);
  // Chunks are whole numbers of 32-bit words and of blocks.
  const perChunk = Math.floor(CHUNK_BYTES / blockBytes / 4) * 4;
  for (let left = elements / blockElements; left > 0; left -= perChunk) {
    const bytes = Math.min(left, perChunk) * blockBytes;
    const words = new Uint32Array(Math.ceil(bytes / 4));
    random.fill(words);
    const chunk = new Uint8Array(words.buffer, 0, bytes);
    finish(chunk);
    yield chunk;
  }
}

/** Makes random bytes into valid blocks. */
function finisher(dtype: DType, sigma: number): (chunk: Uint8Array<ArrayBuffer>) => void {
  switch (dtype) {
    case "F32":
      return uniformF32(sigma);
    case "F16":
    case "BF16":
      return uniform16(dtype, sigma);
    default:
      return scaledBlocks(dtype, sigma / unitDeviation(dtype));
  }
}

function uniformF32(sigma: number): (chunk: Uint8Array<ArrayBuffer>) => void {
  const scale = (Math.sqrt(3) * sigma) / 2 ** 31;
  return (chunk) => {
    const integers = new Int32Array(chunk.buffer, chunk.byteOffset, chunk.length / 4);
    const floats = new Float32Array(chunk.buffer, chunk.byteOffset, chunk.length / 4);
    for (let index = 0; index < floats.length; index++) floats[index] = integers[index] * scale;
  };
}

function uniform16(dtype: "F16" | "BF16", sigma: number): (chunk: Uint8Array<ArrayBuffer>) => void {
  const table = uniformTable(dtype, sigma);
  return (chunk) => {
    const halves = new Uint16Array(chunk.buffer, chunk.byteOffset, chunk.length / 2);
    for (let index = 0; index < halves.length; index++) halves[index] = table[halves[index]];
  };
}

const uniformTables = new Map<string, Uint16Array>();

/** 2^16 evenly spaced numbers of deviation `sigma`, as 16-bit floats. */
function uniformTable(dtype: "F16" | "BF16", sigma: number): Uint16Array {
  const key = `${dtype} ${sigma}`;
  let table = uniformTables.get(key);
  if (!table) {
    const toBits = dtype === "F16" ? f16Bits : bf16Bits;
    const value = (index: number) => Math.sqrt(3) * sigma * ((index + 0.5) / 2 ** 15 - 1);
    table = Uint16Array.from({ length: 2 ** 16 }, (_, index) => toBits(value(index)));
    uniformTables.set(key, table);
  }
  return table;
}

/** Sets each block's scale to 0.75 to 1.25 times `scale`, with either sign where the format has signed scales. */
function scaledBlocks(dtype: DType, scale: number): (chunk: Uint8Array) => void {
  const { blockBytes } = DTYPES[dtype];
  const write = scaleWriter(dtype, scale);
  return (chunk) => {
    if (dtype === "Q8_0") withoutLowest(chunk);
    for (let at = 0; at < chunk.length; at += blockBytes) write(chunk, at);
  };
}

/** Quantisers write -127 to 127 into Q8_0. */
function withoutLowest(chunk: Uint8Array): void {
  for (let index = 0; index < chunk.length; index++) if (chunk[index] === 0x80) chunk[index] = 0x81;
}

/** Sets the scale of the block at `at`, choosing by the random bits that stand in its place. */
function scaleWriter(dtype: DType, scale: number): (bytes: Uint8Array, at: number) => void {
  if (dtype === "MXFP4") {
    const exponent = 127 + Math.round(Math.log2(scale));
    return (bytes, at) => {
      bytes[at] = exponent + (bytes[at] % 3) - 1;
    };
  }
  if (dtype === "NVFP4") {
    const codes = variants(scale).map((value) => ue4m3Bits(Math.abs(value)));
    return (bytes, at) => {
      for (let group = 0; group < 4; group++) bytes[at + group] = codes[bytes[at + group]];
    };
  }
  if (dtype === "IQ1_M") {
    const halves = variants(scale).map(f16Bits);
    return (bytes, at) => {
      const half = halves[bytes[at]];
      for (let quarter = 0; quarter < 4; quarter++) {
        const high = at + 49 + 2 * quarter;
        bytes[high] = (bytes[high] & 0x0f) | (((half >> (4 * quarter)) & 0x0f) << 4);
      }
    };
  }
  const layout = SCALE_LAYOUTS[dtype];
  if (!layout) throw new Error(`${dtype} has no scale to set`);
  const { d, min, minRatio = 0 } = layout;
  const scales = variants(scale).map((value) => (min === undefined ? value : Math.abs(value)));
  const halves = Uint16Array.from(scales, f16Bits);
  const minimums = Uint16Array.from(scales, (value) => f16Bits(value * minRatio));
  return (bytes, at) => {
    const variant = bytes[at + d];
    bytes[at + d] = halves[variant] & 0xff;
    bytes[at + d + 1] = halves[variant] >> 8;
    if (min === undefined) return;
    bytes[at + min] = minimums[variant] & 0xff;
    bytes[at + min + 1] = minimums[variant] >> 8;
  };
}

function variants(scale: number): number[] {
  return Array.from({ length: 256 }, (_, index) => (index & 1 ? -scale : scale) * (0.75 + index / 512));
}

/** The unsigned E4M3 number nearest to `value`, as its byte. */
function ue4m3Bits(value: number): number {
  const decode = (code: number) => (code < 8 ? code * 2 ** -9 : (1 + (code & 7) / 8) * 2 ** ((code >> 3) - 7));
  let best = 1;
  for (let code = 1; code < 127; code++) {
    if (Math.abs(decode(code) - value) < Math.abs(decode(best) - value)) best = code;
  }
  return best;
}

const unitDeviations = new Map<DType, number>();

/** Standard deviation of random blocks whose scale is 1, measured on a sample. */
function unitDeviation(dtype: DType): number {
  const known = unitDeviations.get(dtype);
  if (known !== undefined) return known;
  const { blockElements, blockBytes } = DTYPES[dtype];
  const blocks = Math.ceil(16384 / blockElements / 4) * 4;
  const words = new Uint32Array((blocks * blockBytes) / 4);
  new Random(1).fill(words);
  const sample = new Uint8Array(words.buffer);
  scaledBlocks(dtype, 1)(sample);
  const values = dequantize(dtype, sample, blocks * blockElements);
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
  unitDeviations.set(dtype, deviation);
  return deviation;
}
