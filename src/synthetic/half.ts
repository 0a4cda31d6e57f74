const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The IEEE binary16 nearest to `value` (ties to even), as its 16 bits. */
export function f16Bits(value: number): number {
  float[0] = value;
  const word = bits[0];
  const sign = (word >>> 16) & 0x8000;
  const magnitude = Math.abs(float[0]);
  if (magnitude >= 65520) return sign | 0x7c00;
  const exponent = Math.max(-14, Math.floor(Math.log2(magnitude || 1e-30)));
  const steps = roundToEven(magnitude / 2 ** (exponent - 10));
  return exponent === -14 ? sign | steps : sign | (((exponent + 15) << 10) + (steps - 1024));
}

/** The bfloat16 below `value` in magnitude, as its 16 bits. */
export function bf16Bits(value: number): number {
  float[0] = value;
  return bits[0] >>> 16;
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
