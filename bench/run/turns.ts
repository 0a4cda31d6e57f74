/** Lets two parties work in turn, a step each; when one has left, the other goes on alone. */
export class Turns {
  #turn: 0 | 1;
  #working = false;
  readonly #waiting: [(() => void)?, (() => void)?] = [];
  readonly #gone = [false, false];

  constructor(first: 0 | 1) {
    this.#turn = first;
  }

  /** Hands over, where it was this party's turn, and waits for the next one. */
  take(which: 0 | 1): Promise<void> {
    if (this.#working && this.#turn === which) this.#pass();
    return new Promise((resolve) => {
      this.#waiting[which] = resolve;
      this.#next();
    });
  }

  leave(which: 0 | 1): void {
    this.#gone[which] = true;
    if (this.#turn === which) this.#pass();
    this.#next();
  }

  #pass(): void {
    this.#working = false;
    const other = this.#turn ? 0 : 1;
    if (!this.#gone[other]) this.#turn = other;
  }

  #next(): void {
    const begin = this.#waiting[this.#turn];
    if (this.#working || !begin) return;
    this.#waiting[this.#turn] = undefined;
    this.#working = true;
    begin();
  }
}
