/** Tells listeners of a value that changes faster than they need to know, as `useSyncExternalStore` wants it. */
export class Feed<T> {
  readonly #read: () => T;
  readonly #milliseconds: number;
  readonly #listeners = new Set<() => void>();
  #shown: T;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `milliseconds`: listeners are told that long after the first change of which they do not know. */
  constructor(read: () => T, milliseconds: number) {
    this.#read = read;
    this.#milliseconds = milliseconds;
    this.#shown = read();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The value as it was when listeners were told last. */
  readonly snapshot = (): T => this.#shown;

  /** The value has changed; listeners are told in a while, with all that changes until then. */
  tell(): void {
    this.#timer ??= setTimeout(this.tellNow, this.#milliseconds);
  }

  readonly tellNow = (): void => {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#shown = this.#read();
    for (const listener of this.#listeners) listener();
  };
}
