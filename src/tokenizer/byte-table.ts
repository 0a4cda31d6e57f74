/**
 * Byte strings numbered in the order they came, with a hash index over them.
 *
 * Vocabularies hold 10⁵ short strings of which a text needs few; keeping them as bytes in one buffer costs a fifth of
 * the time and memory that a Map of JavaScript strings does.
 */
export class ByteTable {
  /** Length of the longest entry in bytes. */
  longest = 0;
  private bytes = new Uint8Array(1 << 16);
  private offsets: Int32Array;
  private slots: Int32Array;
  private count = 0;

  constructor(expected: number) {
    this.offsets = new Int32Array(expected + 2);
    this.slots = new Int32Array(slotsFor(expected)).fill(-1);
  }

  get size(): number {
    return this.count;
  }

  /** Appends an entry and returns its number. Of equal entries `find` gives the last. The empty string is not found. */
  add(source: Uint8Array, start: number, end: number): number {
    const id = this.count++;
    if (this.count >= this.offsets.length) this.offsets = grown(this.offsets, this.count * 2);
    const from = this.offsets[id];
    const to = from + end - start;
    if (to > this.bytes.length) {
      const larger = new Uint8Array(Math.max(to, this.bytes.length * 2));
      larger.set(this.bytes);
      this.bytes = larger;
    }
    for (let i = start, at = from; i < end; i++) this.bytes[at++] = source[i];
    this.offsets[id + 1] = to;
    if (end === start) return id;
    this.longest = Math.max(this.longest, end - start);
    if (this.count * 2 > this.slots.length) this.rehash();
    this.slots[this.slotOf(this.bytes, from, to)] = id;
    return id;
  }

  /** Number of the entry equal to `source[start … end)`, or −1. */
  find(source: Uint8Array, start: number, end: number): number {
    if (end - start > this.longest || end === start) return -1;
    return this.slots[this.slotOf(source, start, end)];
  }

  findOrAdd(source: Uint8Array, start: number, end: number): number {
    const id = this.find(source, start, end);
    return id >= 0 ? id : this.add(source, start, end);
  }

  /** The entry's bytes; a view. */
  at(id: number): Uint8Array {
    return this.bytes.subarray(this.offsets[id], this.offsets[id + 1]);
  }

  /** The slot that holds an equal entry, or the free one where it belongs. */
  private slotOf(source: Uint8Array, start: number, end: number): number {
    const { slots, offsets, bytes } = this;
    const mask = slots.length - 1;
    const length = end - start;
    let slot = hashOf(source, start, end) & mask;
    search: for (let id = slots[slot]; id >= 0; slot = (slot + 1) & mask, id = slots[slot]) {
      const from = offsets[id];
      if (offsets[id + 1] - from !== length) continue;
      for (let i = 0; i < length; i++) if (bytes[from + i] !== source[start + i]) continue search;
      return slot;
    }
    return slot;
  }

  private rehash(): void {
    this.slots = new Int32Array(this.slots.length * 2).fill(-1);
    for (let id = 0; id < this.count - 1; id++) {
      const from = this.offsets[id];
      const to = this.offsets[id + 1];
      if (to > from) this.slots[this.slotOf(this.bytes, from, to)] = id;
    }
  }
}

/** Pairs of numbers with a value each: (left symbol, right symbol) → merge. */
export class PairTable {
  private readonly keys: Int32Array;
  private readonly values: Int32Array;

  /** At most `capacity` pairs. */
  constructor(capacity: number) {
    const slots = slotsFor(capacity);
    this.keys = new Int32Array(slots * 2);
    this.values = new Int32Array(slots).fill(-1);
  }

  /** The first value given to a pair stays. */
  add(left: number, right: number, value: number): void {
    const slot = this.slotOf(left, right);
    if (this.values[slot] >= 0) return;
    this.keys[slot * 2] = left;
    this.keys[slot * 2 + 1] = right;
    this.values[slot] = value;
  }

  /** The pair's value, or −1. */
  find(left: number, right: number): number {
    return this.values[this.slotOf(left, right)];
  }

  private slotOf(left: number, right: number): number {
    const { keys, values } = this;
    const mask = values.length - 1;
    let slot = mixed(Math.imul(left, 0x9e3779b1) ^ right) & mask;
    while (values[slot] >= 0 && (keys[slot * 2] !== left || keys[slot * 2 + 1] !== right)) slot = (slot + 1) & mask;
    return slot;
  }
}

function slotsFor(entries: number): number {
  let slots = 16;
  while (slots < entries * 2 + 2) slots *= 2;
  return slots;
}

function grown(array: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length);
  larger.set(array);
  return larger;
}

/** FNV-1a, then mixed so that the low bits depend on all of it. */
function hashOf(source: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ source[i], 0x01000193);
  return mixed(hash);
}

function mixed(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
