import { describe, expect, it } from "vitest";
import { exponentials } from "./exponentials.ts";
import { Random } from "./random.ts";

/** One unit in the last place of a double, relative. */
const ULP = 2 ** -52;

/** exp(x) of each, unrounded: the sum of one number is the number. */
const exact = (x: number) => exponentials(Float32Array.of(x, -Infinity), 0, 2, new Float32Array(2));

describe("exponentials", () => {
  it("are within one unit in the last place of Math.exp, from 0 to where doubles end", () => {
    const random = new Random(11);
    const pair = new Float32Array(2);
    const both = new Float32Array(2);
    let worst = 0;
    let unequal = 0;
    for (let i = 0; i < 300_000; i++) {
      const x = Math.fround(-random.next() * [1e-6, 1, 1.5, 40, 699][i % 5]);
      const e = Math.exp(x);
      pair.fill(x);
      const sum = exponentials(pair, 0, 2, both);
      worst = Math.max(worst, Math.abs(sum - 2 * e) / (2 * e));
      if (both[0] !== both[1]) unequal++;
    }
    expect(unequal).toBe(0);
    expect(worst).toBeLessThanOrEqual(ULP);
  });

  it("have the limits right", () => {
    for (const x of [0, -699.5, -701, -745, -746, -1e30, -Infinity]) {
      expect(Math.abs(exact(x) - Math.exp(x))).toBeLessThanOrEqual(ULP * Math.exp(x));
    }
  });

  it("take the differences from the maximum, fill the target, and add up in order, for any count", () => {
    const random = new Random(12);
    const source = Float32Array.from({ length: 9 }, () => random.next() * 8 - 4);
    const max = Math.max(...source);
    for (let count = 0; count <= 9; count++) {
      const target = new Float32Array(9).fill(-1);
      const sum = exponentials(source, max, count, target);
      let expected = 0;
      for (let i = 0; i < 9; i++) {
        if (i < count) expected += Math.exp(source[i] - max);
        expect(target[i]).toBe(i < count ? Math.fround(Math.exp(source[i] - max)) : -1);
      }
      expect(Math.abs(sum - expected)).toBeLessThanOrEqual(count * ULP * expected);
    }
  });
});
