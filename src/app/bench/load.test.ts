import { expect, it } from "vitest";
import { takenFromThread, takenShare } from "./load.ts";

it("is what equal pieces of work took beyond the fastest", () => {
  expect(takenShare([2, 2, 2, 2])).toBe(0);
  expect(takenShare([2, 2, 2, 6])).toBeCloseTo(1 / 3, 12);
  expect(takenShare([0, 0])).toBe(0);
});

it("is measured as a share of one thread", () => {
  const load = takenFromThread();
  expect(load).toBeGreaterThanOrEqual(0);
  expect(load).toBeLessThanOrEqual(1);
});
