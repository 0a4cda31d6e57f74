/**
 * The plain encoders of a few formats: round to nearest, scales from the largest value of a block, no search. They make
 * the same blocks as ggml's reference quantisers (not those that ggml finds with an importance matrix).
 */
import { byteLength, DTYPES, type DType } from "../core/dtype.ts";
import { WebggufError } from "../core/errors.ts";

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** `x / unit` rounded to an integer, ties to even. `unit` is a power of two. */
function roundToUnit(x: number, unit: number): number {
  const scaled = x / unit;
  const below = Math.floor(scaled);
  const rest = scaled - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? below + 1 : below;
}

/** The bits of the binary16 value nearest to `x`, ties to even; beyond 65504 + 16 infinity. */
export function f32ToF16(x: number): number {
  float[0] = x;
  const sign = (bits[0] >>> 16) & 0x8000;
  const magnitude = Math.abs(float[0]);
  if (Number.isNaN(magnitude)) return sign | 0x7e00;
  if (magnitude >= 65520) return sign | 0x7c00;
  const exponent = Math.max((bits[0] >>> 23) & 255, 113) - 127;
  // Counted in units of the last place. A carry into the next power of two carries into the exponent field as well.
  const mantissa = roundToUnit(magnitude, 2 ** (exponent - 10));
  return sign | (((exponent + 14) << 10) + mantissa);
}

/** The bits of the bfloat16 value nearest to `x`, ties to even; a NaN becomes a quiet one. */
export function f32ToBf16(x: number): number {
  float[0] = x;
  if (Number.isNaN(x)) return (bits[0] >>> 16) | 0x40;
  return ((bits[0] + 0x7fff + ((bits[0] >>> 16) & 1)) >>> 16) & 0xffff;
}

type BlockEncoder = (values: Float32Array, from: number, out: Uint8Array, at: number) => void;

function putU16(out: Uint8Array, at: number, value: number): void {
  out[at] = value & 255;
  out[at + 1] = value >> 8;
}

const ENCODERS = {
  F32(values, from, out, at) {
    float[0] = values[from];
    putU16(out, at, bits[0] & 0xffff);
    putU16(out, at + 2, bits[0] >>> 16);
  },

  F16: (values, from, out, at) => putU16(out, at, f32ToF16(values[from])),

  BF16: (values, from, out, at) => putU16(out, at, f32ToBf16(values[from])),

  /** d is the largest magnitude / 127; halves are rounded away from zero. */
  Q8_0(values, from, out, at) {
    let largest = 0;
    for (let i = 0; i < 32; i++) largest = Math.max(largest, Math.abs(values[from + i]));
    const d = Math.fround(largest / 127);
    const inverse = d ? Math.fround(1 / d) : 0;
    putU16(out, at, f32ToF16(d));
    for (let i = 0; i < 32; i++) {
      const q = Math.fround(values[from + i] * inverse);
      out[at + 2 + i] = Math.sign(q) * Math.floor(Math.abs(q) + 0.5);
    }
  },

  /** d is the value of largest magnitude / -8, so that this value gets the code 0, which has no counterpart above. */
  Q4_0(values, from, out, at) {
    let extreme = 0;
    for (let i = 0; i < 32; i++) {
      if (Math.abs(values[from + i]) > Math.abs(extreme)) extreme = values[from + i];
    }
    const d = Math.fround(extreme / -8);
    const inverse = d ? Math.fround(1 / d) : 0;
    const code = (x: number) => Math.min(15, Math.trunc(Math.fround(Math.fround(x * inverse) + 8.5)));
    putU16(out, at, f32ToF16(d));
    for (let j = 0; j < 16; j++) {
      out[at + 2 + j] = code(values[from + j]) | (code(values[from + j + 16]) << 4);
    }
  },
} satisfies Partial<Record<DType, BlockEncoder>>;

/** The storage types that `quantize` makes. */
export type EncodableDType = keyof typeof ENCODERS;

/**
 * The blocks of type `dtype` that stand for `values`, all of them finite for Q8_0 and Q4_0.
 *
 * Throws `invalid-argument` when `values` is not a whole number of blocks.
 */
export function quantize(dtype: EncodableDType, values: Float32Array): Uint8Array<ArrayBuffer> {
  const { blockElements, blockBytes } = DTYPES[dtype];
  if (values.length % blockElements !== 0) {
    throw new WebggufError(
      "invalid-argument",
      `${values.length} values cannot be stored as ${dtype}: expected a multiple of ${blockElements}.`,
    );
  }
  const out = new Uint8Array(byteLength(dtype, values.length));
  const encodeBlock: BlockEncoder = ENCODERS[dtype];
  for (let i = 0; i * blockElements < values.length; i++) encodeBlock(values, i * blockElements, out, i * blockBytes);
  return out;
}
