const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** Adding and subtracting it rounds a number of magnitude below 2^51 to the nearest integer, ties to even. */
const ROUNDER = 1.5 * 2 ** 52;

/** The IEEE binary16 value nearest to the float32 `x`, ties to even; beyond the largest it is infinite. */
export function roundToHalf(x: number): number {
  float[0] = x;
  const exponent = ((bits[0] >>> 23) & 255) - 127;
  if (exponent > 15) return Number.isNaN(x) ? Number.NaN : Math.sign(x) * Number.POSITIVE_INFINITY;
  const spacing = 2 ** (Math.max(exponent, -14) - 10);
  const rounded = (float[0] / spacing + ROUNDER - ROUNDER) * spacing;
  return Math.abs(rounded) > 65504 ? Math.sign(x) * Number.POSITIVE_INFINITY : rounded;
}
