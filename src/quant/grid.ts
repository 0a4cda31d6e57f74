/**
 * Writes `size` components of `grid` from `first` on, times `scale`, to `out[to…]`; bit j of `signs` set makes
 * component j negative.
 */
export function signedGrid(
  grid: Uint8Array,
  first: number,
  size: 4 | 8,
  scale: number,
  signs: number,
  out: Float32Array,
  to: number,
): void {
  for (let j = 0; j < size; j++) {
    const value = scale * grid[first + j];
    out[to + j] = (signs >> j) & 1 ? -value : value;
  }
}
