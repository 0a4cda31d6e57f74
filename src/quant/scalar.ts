/**
 * Small floats and little-endian fields, shared by the block formats.
 *
 * Every function returns the exact value as a JavaScript number. A product of a format's fields has at most 25
 * significant bits, and a sum of such products is a multiple of 2^-24 below 2^28; both are exact in float64. So decoders
 * round once, on the store into a Float32Array, which gives the same bits as ggml, whose float32 intermediates are exact
 * up to the same last operation.
 */
const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

/** The unsigned 16-bit field at `at`. */
export function u16(src: Uint8Array, at: number): number {
  return src[at] | (src[at + 1] << 8);
}

/** The unsigned 32-bit field at `at`. */
export function u32(src: Uint8Array, at: number): number {
  return (src[at] | (src[at + 1] << 8) | (src[at + 2] << 16) | (src[at + 3] << 24)) >>> 0;
}

/** The signed 8-bit field at `at`. */
export function i8(src: Uint8Array, at: number): number {
  return (src[at] << 24) >> 24;
}

/** IEEE binary16, given by its bits. */
export function f16ToF32(half: number): number {
  const magnitude = half & 0x7fff;
  let value: number;
  if (magnitude >= 0x7c00) {
    value = magnitude === 0x7c00 ? Infinity : NaN;
  } else {
    // Placed in a float32 the exponent is too small by the difference of the biases, 127 - 15; subnormals included.
    bits[0] = magnitude << 13;
    value = float[0] * 2 ** 112;
  }
  return half & 0x8000 ? -value : value;
}

/** The binary16 field at `at`. */
export function f16(src: Uint8Array, at: number): number {
  return f16ToF32(src[at] | (src[at + 1] << 8));
}

/** bfloat16 (the upper half of a float32), given by its bits. */
export function bf16ToF32(upper: number): number {
  bits[0] = upper << 16;
  return float[0];
}

/**
 * Half of an E8M0 scale (OCP microscaling): 2^(x - 127) / 2. The half pairs with e2m1 values stored doubled.
 * Like ggml, it gives 255 no special meaning.
 */
export function e8m0HalfToF32(x: number): number {
  return 2 ** (x - 128);
}

/**
 * Half of an unsigned E4M3 scale (bias 7, 3 mantissa bits, subnormals). The half pairs with e2m1 values stored
 * doubled. 0x7f, NaN in the standard, counts as 0; the top bit is ignored.
 */
export function ue4m3HalfToF32(x: number): number {
  if (x === 0x7f) return 0;
  const exponent = (x >> 3) & 15;
  const mantissa = x & 7;
  return exponent === 0 ? mantissa * 2 ** -10 : (8 + mantissa) * 2 ** (exponent - 11);
}
