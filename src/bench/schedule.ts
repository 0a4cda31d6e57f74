/** A piece of work that is planned; those with one key take about the same time. */
export interface Unit {
  readonly key: string;
  /** How much there is to do, roughly, in any unit that all keys share. */
  readonly cost: number;
}

/** What is left to do, and how long it may take: by what pieces of the same key took, else by their cost. */
export class Schedule {
  readonly total: number;
  readonly #left: Unit[];
  readonly #taken = new Map<string, { milliseconds: number; count: number }>();
  #cost = 0;
  #milliseconds = 0;

  constructor(units: readonly Unit[]) {
    this.#left = [...units];
    this.total = units.length;
  }

  get done(): number {
    return this.total - this.#left.length;
  }

  /** A piece with this key is done. */
  finish(key: string, milliseconds: number): void {
    const index = this.#left.findIndex((unit) => unit.key === key);
    if (index < 0) return;
    const [{ cost }] = this.#left.splice(index, 1);
    const { milliseconds: before, count } = this.#taken.get(key) ?? { milliseconds: 0, count: 0 };
    this.#taken.set(key, { milliseconds: before + milliseconds, count: count + 1 });
    this.#cost += cost;
    this.#milliseconds += milliseconds;
  }

  /** Pieces whose key begins so will not be done. */
  drop(prefix: string): void {
    const kept = this.#left.filter(({ key }) => !key.startsWith(prefix));
    this.#left.splice(0, this.#left.length, ...kept);
  }

  /** Undefined until something is known. */
  get remainingMilliseconds(): number | undefined {
    if (this.#left.length === 0) return 0;
    if (this.#cost === 0) return undefined;
    const perCost = this.#milliseconds / this.#cost;
    return this.#left.reduce((sum, { key, cost }) => {
      const known = this.#taken.get(key);
      return sum + (known ? known.milliseconds / known.count : cost * perCost);
    }, 0);
  }
}
