import { describe, expect, it } from "vitest";
import { exponentials } from "./exponentials.ts";
import { Random } from "./random.ts";

/** exp(x) of each, by the loop over four. */
function of(values: readonly number[], scale = 1): Float32Array {
  const source = Float32Array.from({ length: values.length * 4 }, (_, i) => values[i >> 2]);
  const target = new Float32Array(source.length);
  exponentials(source, 0, scale, source.length, target);
  return target;
}

describe("exponentials", () => {
  it("are Math.exp in single precision, but for a last bit once in a long while", () => {
    const random = new Random(11);
    for (const range of [1e-6, 0.01, 1, 20, 87]) {
      const values = Array.from({ length: 50_000 }, () => Math.fround(-random.next() * range));
      const found = of(values);
      let unequal = 0;
      let worst = 0;
      found.forEach((e, i) => {
        const exact = Math.exp(values[i >> 2]);
        if (e !== Math.fround(exact)) unequal++;
        worst = Math.max(worst, Math.abs(e - exact) / exact);
      });
      expect(worst).toBeLessThan(2 ** -24 * (1 + 1e-4));
      expect(unequal).toBeLessThan(found.length * 1e-4);
    }
  });

  it("have the limits right: subnormal numbers, 0, what is ruled out", () => {
    const values = [0, -88, -100, -103.2, -103.98, -104.1, -1e30, -Infinity];
    const found = of(values);
    values.forEach((x, i) => {
      expect([...found.subarray(4 * i, 4 * i + 4)]).toEqual(new Array(4).fill(Math.fround(Math.exp(x))));
    });
    expect([...of([0, -1e-30, -1, -Infinity], Number.MAX_VALUE)].filter((_, i) => i % 4 === 0)).toEqual([1, 0, 0, 0]);
  });

  it("scale the differences from the maximum, fill the target, and add up what is written, for any count", () => {
    const random = new Random(12);
    const source = Float32Array.from({ length: 9 }, () => random.next() * 8 - 4);
    const max = Math.max(...source);
    for (let count = 0; count <= 9; count++) {
      const target = new Float32Array(9).fill(-1);
      const sum = exponentials(source, max, 1.25, count, target);
      let expected = 0;
      for (let i = 0; i < count; i++) expected += Math.fround(Math.exp((source[i] - max) * 1.25));
      expect(sum).toBe(expected);
      expect([...target.subarray(count)]).toEqual(new Array(9 - count).fill(-1));
    }
  });
});
