import { describe, expect, it } from "vitest";
import { randomPrompts } from "./prompts.ts";

describe("randomPrompts", () => {
  it("stays within the vocabulary, repeats by seed, and never begins twice alike", () => {
    const next = randomPrompts(1, 10);
    const prompts = Array.from({ length: 50 }, () => next(8));
    expect(prompts.flat().every((token) => Number.isInteger(token) && token >= 0 && token < 10)).toBe(true);
    expect(new Set(prompts.flat()).size).toBe(10);
    for (let i = 1; i < prompts.length; i++) expect(prompts[i][0]).not.toBe(prompts[i - 1][0]);
    const again = randomPrompts(1, 10);
    expect(prompts.map(() => again(8))).toEqual(prompts);
    expect(randomPrompts(2, 10)(8)).not.toEqual(prompts[0]);
  });
});
