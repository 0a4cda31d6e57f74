import { byteLength, DTYPES, type DType } from "../../core/dtype.ts";
import { QUANT_FORMATS } from "../../quant/index.ts";
import { SeededRandom } from "./random.ts";

/** Root mean square of the weights made here, about. */
const MAGNITUDE = 0.1;

/** Writes a scale of the value `x`, as the half of these bits if it is one, into the block that starts at byte 0 of `block`. */
type ScaleWriter = (block: Uint8Array, x: number, half?: number) => void;

const halfAt =
  (...offsets: number[]): ScaleWriter =>
  (block, x, half = halfBits(x)) => {
    for (const offset of offsets) writeUint16(block, offset, half);
  };

/** Where each block format keeps its scales; every other byte of a block may have any value. */
const SCALES: Record<Exclude<DType, "F32" | "F16" | "BF16">, ScaleWriter> = {
  Q4_0: halfAt(0),
  Q4_1: halfAt(0, 2),
  Q5_0: halfAt(0),
  Q5_1: halfAt(0, 2),
  Q8_0: halfAt(0),
  Q2_K: halfAt(80, 82),
  Q3_K: halfAt(108),
  Q4_K: halfAt(0, 2),
  Q5_K: halfAt(0, 2),
  Q6_K: halfAt(208),
  IQ1_S: halfAt(0),
  IQ2_XXS: halfAt(0),
  IQ2_XS: halfAt(0),
  IQ2_S: halfAt(0),
  IQ3_XXS: halfAt(0),
  IQ3_S: halfAt(0),
  IQ4_NL: halfAt(0),
  IQ4_XS: halfAt(0),
  TQ1_0: halfAt(52),
  TQ2_0: halfAt(64),
  Q1_0: halfAt(0),
  Q2_0: halfAt(0),
  /** The half is spread over the top four bits of four 16-bit fields. */
  IQ1_M: (block, x, half = halfBits(x)) => {
    for (let i = 0; i < 4; i++) {
      block[49 + 2 * i] = (block[49 + 2 * i] & 0x0f) | (((half >> (4 * i)) & 15) << 4);
    }
  },
  /** E8M0: the power of two alone. */
  MXFP4: (block, x) => {
    block[0] = Math.min(254, Math.max(0, 127 + Math.round(Math.log2(x))));
  },
  /** Four UE4M3 scales; the power of two is set, the mantissa stays random. */
  NVFP4: (block, x) => {
    const exponent = Math.min(14, Math.max(1, 7 + Math.round(Math.log2(x))));
    for (let i = 0; i < 4; i++) block[i] = (exponent << 3) | (block[i] & 7);
  },
};

/**
 * `elements` random weights of type `dtype`, as they would lie in a file: gaussian for the plain float types, random
 * blocks with sensible scales for the others. The same seed gives the same bytes.
 */
export function randomWeights(dtype: DType, elements: number, seed: string): Uint8Array<ArrayBuffer> {
  const random = new SeededRandom(`${seed} ${dtype}`);
  const bytes = new Uint8Array(byteLength(dtype, elements));
  if (dtype === "F32" || dtype === "F16" || dtype === "BF16") {
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < elements; i++) {
      const x = random.gaussian() * MAGNITUDE;
      if (dtype === "F32") view.setFloat32(4 * i, x, true);
      else writeUint16(bytes, 2 * i, dtype === "F16" ? halfBits(x) : floatBits(x) >>> 16);
    }
    return bytes;
  }
  for (let i = 0; i < bytes.length; i++) bytes[i] = random.byte();
  const { blockBytes } = DTYPES[dtype];
  for (let at = 0; at < bytes.length; at += blockBytes) {
    const block = bytes.subarray(at, at + blockBytes);
    SCALES[dtype](block, 1);
    const scale = MAGNITUDE / rootMeanSquare(decoded(dtype, block));
    SCALES[dtype](block, scale * (0.5 + random.uniform()));
  }
  return bytes;
}

/** Types whose scales are halves. */
const HALF_SCALES = new Set<string>(Object.keys(SCALES).filter((dtype) => dtype !== "MXFP4" && dtype !== "NVFP4"));

/** Gives every block the largest scale that is subnormal as a half, which some drivers take for zero; if its type has such. */
export function setSubnormalScales(dtype: DType, blocks: Uint8Array): void {
  if (!HALF_SCALES.has(dtype)) return;
  const { blockBytes } = DTYPES[dtype];
  for (let at = 0; at < blocks.length; at += blockBytes) {
    SCALES[dtype as keyof typeof SCALES](blocks.subarray(at, at + blockBytes), 2 ** -14, 0x03ff);
  }
}

/** `elements` gaussian float32 numbers times `magnitude`, as bytes. */
export function gaussianBytes(elements: number, seed: string, magnitude = 1): Uint8Array<ArrayBuffer> {
  const random = new SeededRandom(seed);
  const view = new DataView(new ArrayBuffer(4 * elements));
  for (let i = 0; i < elements; i++) view.setFloat32(4 * i, random.gaussian() * magnitude, true);
  return new Uint8Array(view.buffer);
}

/**
 * Numbers that 8-bit activations hold exactly: whole numbers to ±127 times 1/64, every 32 of them with one that is ±127, so
 * that the scale of any block is the same.
 */
export function eightBitBytes(elements: number, seed: string): Uint8Array<ArrayBuffer> {
  const random = new SeededRandom(seed);
  const view = new DataView(new ArrayBuffer(4 * elements));
  for (let start = 0; start < elements; start += 32) {
    const top = start + (random.bits() % Math.min(32, elements - start));
    for (let i = start; i < Math.min(start + 32, elements); i++) {
      const whole = Math.max(-127, Math.min(127, Math.round(random.gaussian() * 50)));
      view.setFloat32(4 * i, (i === top ? 127 * Math.sign(whole || 1) : whole) / 64, true);
    }
  }
  return new Uint8Array(view.buffer);
}

export function rootMeanSquare(x: Float32Array): number {
  return Math.sqrt(x.reduce((sum, value) => sum + value ** 2, 0) / x.length);
}

function decoded(dtype: DType, block: Uint8Array): Float32Array {
  const out = new Float32Array(DTYPES[dtype].blockElements);
  QUANT_FORMATS[dtype].decode(block, 0, out, 0, 1);
  return out;
}

function writeUint16(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value & 255;
  bytes[offset + 1] = value >> 8;
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

function floatBits(x: number): number {
  float[0] = x;
  return bits[0];
}

/** Bits of a binary16 next to x; x is in its normal range or becomes 0. */
function halfBits(x: number): number {
  if (Math.abs(x) < 2 ** -14) return 0;
  const from = floatBits(x);
  // The exponent's bias goes from 127 to 15, the fraction from 23 to 10 bits.
  return ((from >>> 16) & 0x8000) | ((((from & 0x7fffffff) - (112 << 23)) >>> 13) & 0x7fff);
}
