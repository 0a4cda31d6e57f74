import type { ByteRanges } from "../core/metadata.ts";

/**
 * Finds byte strings in a long list by hash. Vocabularies hold 10⁵ short strings of which a text needs few: hashing them
 * where they lie takes a tenth of the time that a Map of JavaScript strings does.
 */
export class ByteIndex {
  readonly ranges: ByteRanges;
  /** Length of the longest item in bytes. */
  readonly longest: number;
  /** Open addressing; each slot holds an item's number plus one, 0 when it is free. */
  private readonly slots: Int32Array;
  private readonly hashes: Int32Array;

  /** Of equal items the first is found; empty ones never. */
  constructor(ranges: ByteRanges) {
    const { bytes, starts, ends } = ranges;
    const count = starts.length;
    let size = 16;
    while (size < count * 1.5) size *= 2;
    const slots = new Int32Array(size);
    const hashes = new Int32Array(count);
    this.ranges = ranges;
    this.slots = slots;
    this.hashes = hashes;
    let longest = 0;
    for (let item = 0; item < count; item++) {
      const start = starts[item];
      const end = ends[item];
      if (end === start) continue;
      if (end - start > longest) longest = end - start;
      const hash = hashOf(bytes, start, end);
      hashes[item] = hash;
      const slot = this.slotOf(hash, bytes, start, end);
      if (slots[slot] === 0) slots[slot] = item + 1;
    }
    this.longest = longest;
  }

  /** Number of the item equal to `source[start … end)`, or −1. */
  find(source: Uint8Array, start: number, end: number): number {
    if (end - start > this.longest || end === start) return -1;
    return this.slots[this.slotOf(hashOf(source, start, end), source, start, end)] - 1;
  }

  /** The slot that holds an equal item, or the free one where it belongs. */
  private slotOf(hash: number, source: Uint8Array, start: number, end: number): number {
    const { slots, hashes } = this;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (let item = slots[slot] - 1; item >= 0; slot = (slot + 1) & mask, item = slots[slot] - 1) {
      if (hashes[item] === hash && this.equals(item, source, start, end)) return slot;
    }
    return slot;
  }

  private equals(item: number, source: Uint8Array, start: number, end: number): boolean {
    const { bytes, starts, ends } = this.ranges;
    const from = starts[item];
    if (ends[item] - from !== end - start) return false;
    for (let i = start, at = from; i < end; i++, at++) if (bytes[at] !== source[i]) return false;
    return true;
  }
}

/** FNV-1a, then mixed so that the low bits depend on all of it. */
function hashOf(source: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ source[i], 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
