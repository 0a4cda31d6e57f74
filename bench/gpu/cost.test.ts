import { describe, expect, it } from "vitest";
import { buildModel } from "../../src/models/registry.ts";
import { mixChoice } from "../../src/synthetic/mixes.ts";
import { syntheticModel } from "../../src/synthetic/model.ts";
import { SHAPES } from "../../src/synthetic/shapes.ts";
import { syntheticHeader } from "../../src/synthetic/tensors.ts";
import { bytesPerToken, promptOperations } from "./cost.ts";

describe("what a model costs", async () => {
  const { width, feedForward, heads, kvHeads, headSize, layers, vocabularySize } = SHAPES.tiny;
  const contents = syntheticModel(SHAPES.tiny, { types: mixChoice("Q8_0", SHAPES.tiny) });
  const { metadata, tensors } = await syntheticHeader(contents);
  const { graph } = buildModel(metadata, tensors);
  const layer = width * headSize * (2 * heads + 2 * kvHeads) + 3 * width * feedForward;
  const output = width * vocabularySize;

  it("bytes: every matrix once, the cache up to the token", () => {
    const weights = ((layers * layer + output) / 32) * 34;
    expect(bytesPerToken(graph, 0, 2)).toBe(weights + layers * 2 * kvHeads * headSize * 2);
    expect(bytesPerToken(graph, 99, 4) - weights).toBe(layers * 2 * kvHeads * headSize * 4 * 100);
  });

  it("operations: products for each token, what follows the last attention for one, attention over pairs", () => {
    const attention = layers * 2 * 55 * heads * 2 * headSize;
    const afterLastAttention = width * headSize * heads + 3 * width * feedForward;
    const products = 2 * (layers * layer * 10 - 9 * afterLastAttention + output);
    expect(promptOperations(graph, 10)).toBe(products + attention);
  });
});
