/** Radix sort: eight bits of the keys at a time. */
const DIGITS = 256;

/**
 * Sorts the first `count` pairs of `keys` and `values` by keys, taken as unsigned, in ascending order; equal ones stay in their
 * order. `otherKeys` and `otherValues` are scratch of that length, `counts` of 1024. O(count).
 */
export function sortPairs(
  keys: Int32Array,
  values: Int32Array,
  otherKeys: Int32Array,
  otherValues: Int32Array,
  counts: Int32Array,
  count: number,
): void {
  counts.fill(0);
  for (let i = 0; i < count; i++) {
    const key = keys[i];
    counts[key & 255]++;
    counts[256 | ((key >>> 8) & 255)]++;
    counts[512 | ((key >>> 16) & 255)]++;
    counts[768 | (key >>> 24)]++;
  }
  for (let first = 0; first < counts.length; first += DIGITS) {
    let place = 0;
    for (let digit = first; digit < first + DIGITS; digit++) {
      const found = counts[digit];
      counts[digit] = place;
      place += found;
    }
  }
  for (let shift = 0; shift < 32; shift += 16) {
    move(keys, values, otherKeys, otherValues, counts, shift, count);
    move(otherKeys, otherValues, keys, values, counts, shift + 8, count);
  }
}

/** Moves each pair to its place by one digit. */
function move(
  keys: Int32Array,
  values: Int32Array,
  toKeys: Int32Array,
  toValues: Int32Array,
  places: Int32Array,
  shift: number,
  count: number,
): void {
  const first = shift << 5;
  for (let i = 0; i < count; i++) {
    const key = keys[i];
    const place = places[first | ((key >>> shift) & 255)]++;
    toKeys[place] = key;
    toValues[place] = values[i];
  }
}
