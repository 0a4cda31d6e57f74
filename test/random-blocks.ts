/**
 * `length` bytes of a xorshift32 sequence, the same for the same seed. As blocks of any format they reach every code,
 * sign and scale, infinite and NaN ones too. For tests.
 */
export function randomBlocks(seed: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let state = (Math.imul(seed + 1, 0x9e3779b9) | 1) >>> 0;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state >>> 24;
  }
  return bytes;
}
