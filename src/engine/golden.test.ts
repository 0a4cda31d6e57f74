import { describe, expect, it } from "vitest";
import { hasReference, referenceBytes, referenceJson } from "../../test/reference.ts";
import type { Piece } from "../core/api.ts";
import { openModel } from "./open.ts";
import { tinyFile } from "./testing.ts";

async function collect(pieces: AsyncIterable<Piece>): Promise<Piece[]> {
  const all: Piece[] = [];
  for await (const piece of pieces) all.push(piece);
  return all;
}

describe.skipIf(!hasReference)("stories260K through the engine", () => {
  const open = () =>
    openModel(new File([referenceBytes("real/stories260K.gguf")], "stories260K.gguf"), {
      backend: "reference",
      kvCache: "f32",
    });

  it("continues the reference prompt with the golden tokens", async () => {
    interface Golden {
      prompt: string;
      tokens: number[];
      greedy: number[];
    }
    const golden = referenceJson<Golden>("real/stories260K.json");
    const model = await open();
    const pieces = await collect(
      model.generate(golden.prompt, { temperature: 0, maxTokens: golden.greedy.length, ignoreEos: true }),
    );
    expect(pieces.map((piece) => piece.token)).toEqual(golden.greedy);
    expect((await model.stats()).promptTokens).toBe(golden.tokens.length);
    expect(await model.detokenize(golden.greedy)).toContain(
      pieces
        .map((piece) => piece.text)
        .join("")
        .trim(),
    );
    await model.close();
  });

  it("writes the published story of 200 steps", async () => {
    const { ids } = referenceJson<{ ids: number[] }>("real/stories260K.story.json");
    const model = await open();
    const pieces = await collect(
      model.generate(ids.slice(0, 1), { temperature: 0, maxTokens: ids.length - 1, ignoreEos: true }),
    );
    expect([ids[0], ...pieces.map((piece) => piece.token)]).toEqual(ids);
    await model.close();
  });
});

describe("a seeded tiny model on the reference backend", () => {
  const tokens = [1, 5, 9, 3, 22, 7, 7, 12, 30, 4, 18];

  it("gives the same logits after a kept prefix as from an empty context", async () => {
    const model = await openModel(tinyFile(), { backend: "reference", kvCache: "f32" });
    const [expected] = await model.logits(tokens);
    await collect(model.generate(tokens.slice(0, 6), { temperature: 0, maxTokens: 1 }));
    const [piece] = await collect(model.generate(tokens, { temperature: 0, maxTokens: 1, logprobs: 3 }));
    expect((await model.stats()).cachedTokens).toBe(6);
    expect(piece.token).toBe(expected.indexOf(Math.max(...expected)));
    const normalizer = Math.log(expected.reduce((sum, logit) => sum + Math.exp(logit), 0));
    for (const { token, logprob } of piece.top!) expect(logprob).toBeCloseTo(expected[token] - normalizer, 5);
    await model.close();
  });
});
