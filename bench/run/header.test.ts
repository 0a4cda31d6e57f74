import { expect, it } from "vitest";
import { headerTests } from "./header.ts";

it("takes openings apart, as far as they went", () => {
  const tests = headerTests(
    [
      { header: 80, tokenizer: 95, compile: 100 },
      { header: 70, tokenizer: 90 },
    ],
    ", again",
    2,
  );
  expect(tests.map(({ id, samples }) => [id, samples])).toEqual([
    ["open header, again", [80, 70]],
    ["open tokenizer, again", [15, 20]],
    ["open graph, again", [5]],
  ]);
  expect(headerTests([], "", 1)).toEqual([]);
});
