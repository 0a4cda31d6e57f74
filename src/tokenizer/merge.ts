/** What may be joined with what. */
export interface MergeRules {
  /** The rule (a number from 0) that joins two neighbouring symbols (by their index), or −1. */
  find(left: number, right: number): number;
  /** Rules with the lower number are applied first; of equal ones the leftmost. */
  priority(rule: number): number;
}

/**
 * A row of symbols that are joined pair by pair, best rule first, until no rule applies.
 *
 * Symbols are a linked list in typed arrays, candidates lie in a binary heap: O(n log n) for n symbols. A joined symbol
 * lives on at the index of its left half. The instance is meant to be used again: `clear`, `push` …, `merge`.
 */
export class SymbolRow {
  count = 0;
  /** First byte of the symbol in the text. */
  starts = new Int32Array(64);
  /** Length in bytes; 0 when it has been joined to its left neighbour. */
  lengths = new Int32Array(64);
  /** Index of the next symbol, −1 after the last. */
  next = new Int32Array(64);
  private previous = new Int32Array(64);
  private readonly heap = new CandidateHeap();

  clear(): void {
    this.count = 0;
  }

  push(start: number, length: number): void {
    if (this.count === this.starts.length) {
      for (const name of ["starts", "lengths", "next", "previous"] as const) this[name] = doubled(this[name]);
    }
    const index = this.count++;
    this.starts[index] = start;
    this.lengths[index] = length;
    this.previous[index] = index - 1;
    this.next[index] = -1;
    if (index > 0) this.next[index - 1] = index;
  }

  merge(rules: MergeRules): void {
    const { lengths, next, previous, heap } = this;
    for (let right = 1; right < this.count; right++) this.offer(rules, right - 1, right);
    while (heap.pop()) {
      const { left, right } = heap;
      // Symbols only grow, so the pair is as it was exactly when both live and their length is the same.
      if (lengths[left] === 0 || lengths[right] === 0 || lengths[left] + lengths[right] !== heap.length) continue;
      lengths[left] += lengths[right];
      lengths[right] = 0;
      next[left] = next[right];
      if (next[right] >= 0) previous[next[right]] = left;
      if (previous[left] >= 0) this.offer(rules, previous[left], left);
      if (next[left] >= 0) this.offer(rules, left, next[left]);
    }
  }

  private offer(rules: MergeRules, left: number, right: number): void {
    const rule = rules.find(left, right);
    if (rule >= 0) this.heap.push(rules.priority(rule), left, right, this.lengths[left] + this.lengths[right]);
  }
}

/** Binary heap of candidate pairs, ordered by priority, then by place. `pop` leaves the best one in the fields. */
class CandidateHeap {
  left = 0;
  right = 0;
  length = 0;
  private size = 0;
  private priorities = new Float64Array(64);
  private lefts = new Int32Array(64);
  private rights = new Int32Array(64);
  private lengths = new Int32Array(64);

  push(priority: number, left: number, right: number, length: number): void {
    if (this.size === this.lefts.length) {
      const larger = new Float64Array(this.size * 2);
      larger.set(this.priorities);
      this.priorities = larger;
      for (const name of ["lefts", "rights", "lengths"] as const) this[name] = doubled(this[name]);
    }
    let at = this.size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.isBefore(priority, left, parent)) break;
      this.move(parent, at);
      at = parent;
    }
    this.put(at, priority, left, right, length);
  }

  pop(): boolean {
    if (this.size === 0) return false;
    this.left = this.lefts[0];
    this.right = this.rights[0];
    this.length = this.lengths[0];
    const last = --this.size;
    const priority = this.priorities[last];
    const left = this.lefts[last];
    let at = 0;
    for (let child = 1; child < last; child = at * 2 + 1) {
      if (child + 1 < last && this.isBefore(this.priorities[child + 1], this.lefts[child + 1], child)) child++;
      if (this.isBefore(priority, left, child)) break;
      this.move(child, at);
      at = child;
    }
    this.put(at, priority, left, this.rights[last], this.lengths[last]);
    return true;
  }

  private isBefore(priority: number, left: number, other: number): boolean {
    const otherPriority = this.priorities[other];
    return priority < otherPriority || (priority === otherPriority && left < this.lefts[other]);
  }

  private move(from: number, to: number): void {
    this.put(to, this.priorities[from], this.lefts[from], this.rights[from], this.lengths[from]);
  }

  private put(at: number, priority: number, left: number, right: number, length: number): void {
    this.priorities[at] = priority;
    this.lefts[at] = left;
    this.rights[at] = right;
    this.lengths[at] = length;
  }
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
