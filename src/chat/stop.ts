/**
 * Finds the first of several texts in a stream of pieces. A stop text may begin in one piece and end in a later one, so
 * an end of the stream that could still become one is held back.
 */
export class StopMatcher {
  readonly #stops: readonly string[];
  #held = "";
  #found = false;

  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop.length > 0);
  }

  /** Whether a stop text was found; all that comes after it is dropped. */
  get found(): boolean {
    return this.#found;
  }

  /** Takes the next piece of text; returns what is known not to belong to a stop text. */
  push(text: string): string {
    if (this.#found) return "";
    const pending = this.#held + text;
    const at = this.#earliest(pending);
    if (at >= 0) {
      this.#found = true;
      this.#held = "";
      return pending.slice(0, at);
    }
    const safe = pending.length - this.#possibleStart(pending);
    this.#held = pending.slice(safe);
    return pending.slice(0, safe);
  }

  /** The stream has ended: what was held back is text after all. */
  flush(): string {
    const held = this.#held;
    this.#held = "";
    return held;
  }

  #earliest(text: string): number {
    let earliest = -1;
    for (const stop of this.#stops) {
      const place = text.indexOf(stop);
      if (place >= 0 && (earliest < 0 || place < earliest)) earliest = place;
    }
    return earliest;
  }

  /** Length of the longest end of `text` that begins a stop text. */
  #possibleStart(text: string): number {
    let longest = 0;
    for (const stop of this.#stops) {
      for (let length = Math.min(stop.length - 1, text.length); length > longest; length--) {
        if (text.endsWith(stop.slice(0, length))) longest = length;
      }
    }
    return longest;
  }
}
