/**
 * The 12 bytes in which Q4_K and Q5_K keep eight six-bit scales s and eight six-bit minima m.
 *
 *     0  4 bytes, byte g: s[g] (six low bits) and the high two bits of s[g + 4]
 *     4  4 bytes, byte g: m[g] (six low bits) and the high two bits of m[g + 4]
 *     8  4 bytes, byte g: the low four bits of s[g + 4] (low nibble) and m[g + 4] (high nibble)
 */

/** s[group] of the 12 bytes at `at`. */
export function kScale(src: Uint8Array, at: number, group: number): number {
  return group < 4 ? src[at + group] & 63 : (src[at + group + 4] & 15) | ((src[at + group - 4] >> 6) << 4);
}

/** m[group] of the 12 bytes at `at`. */
export function kMin(src: Uint8Array, at: number, group: number): number {
  return group < 4 ? src[at + group + 4] & 63 : (src[at + group + 4] >> 4) | ((src[at + group] >> 6) << 4);
}
