import { SeededRandom } from "../../cases/random.ts";

/** Normally distributed numbers, the same for the same seed. */
export function gaussian(count: number, seed: string, magnitude = 1): Float32Array<ArrayBuffer> {
  const random = new SeededRandom(seed);
  return Float32Array.from({ length: count }, () => random.gaussian() * magnitude);
}

/** The largest deviation of each kind of result, relative to the root mean square of what was expected. */
export class Deviations {
  readonly #worst = new Map<string, number>();

  /** The deviation, also kept; infinite when anything is not a number or the lengths differ. */
  measure(kind: string, actual: ArrayLike<number>, expected: ArrayLike<number>): number {
    let largest = actual.length === expected.length ? 0 : Number.POSITIVE_INFINITY;
    let squares = 0;
    for (let i = 0; i < expected.length; i++) {
      const difference = Math.abs(actual[i] - expected[i]);
      largest = Math.max(largest, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
      squares += expected[i] ** 2;
    }
    const deviation = largest && largest / Math.sqrt(squares / expected.length);
    this.#worst.set(kind, Math.max(this.#worst.get(kind) ?? 0, deviation));
    return deviation;
  }

  print(device: string): void {
    const lines = [...this.#worst].map(([kind, deviation]) => `  ${kind.padEnd(28)} ${deviation.toExponential(1)}`);
    console.info(`${device}: largest deviation relative to the RMS\n${lines.join("\n")}`);
  }
}
