import { describe, expect, it } from "vitest";
import { MemorySource } from "../../test/fixtures.ts";
import { mixChoice } from "../synthetic/mixes.ts";
import { syntheticModel } from "../synthetic/model.ts";
import { SHAPES } from "../synthetic/shapes.ts";
import { partName, splitModel } from "../synthetic/split.ts";
import { openGguf } from "./open.ts";
import { ggufBytes } from "./writer.ts";

const model = syntheticModel(SHAPES.tiny, { types: mixChoice("Q4_K_M", SHAPES.tiny) });

function parts(count: number): MemorySource[] {
  return splitModel(model, count).map(
    (contents, number) => new MemorySource(ggufBytes(contents), partName("tiny", number, count)),
  );
}

describe("a split model", () => {
  it.each([
    [2, [0, 1]],
    [3, [2, 0, 1]],
    [5, [4, 3, 2, 1, 0]],
  ])("of %i parts, given as %j, is the same as the whole", async (count, order) => {
    const sources = parts(count);
    const whole = await openGguf([new MemorySource(ggufBytes(model))]);
    const file = await openGguf(order.map((number) => sources[number]));
    expect(file.sources.map(({ name }) => name)).toEqual(sources.map(({ name }) => name));
    expect(file.fileBytes).toBe(sources.reduce((sum, { size }) => sum + size, 0));
    expect(file.metadata.keys.filter((key) => !key.startsWith("split."))).toEqual(whole.metadata.keys);
    expect([...file.tensors.keys()]).toEqual([...whole.tensors.keys()]);
    for (const tensor of whole.tensors.values()) {
      const same = file.tensors.get(tensor.name)!;
      expect([same.dtype, same.shape]).toEqual([tensor.dtype, tensor.shape]);
      const bytes = await same.source.read(same.offset, same.byteLength);
      const expected = await tensor.source.read(tensor.offset, tensor.byteLength);
      expect(Buffer.compare(bytes, expected)).toBe(0);
    }
  });

  it("without a part says which", async () => {
    const [, second, third] = parts(3);
    await expect(openGguf([third, second])).rejects.toMatchObject({
      code: "missing-part",
      message: expect.stringContaining("Missing: tiny-00001-of-00003.gguf."),
    });
    await expect(openGguf([second])).rejects.toMatchObject({
      code: "missing-part",
      message: expect.stringMatching(/1 was given\. Missing: tiny-00001-of-00003\.gguf, tiny-00003-of-00003\.gguf\./),
    });
  });

  it("with other names is told by number", async () => {
    const [first] = parts(2);
    const renamed = new MemorySource(await first.read(0, first.size), "download.gguf");
    await expect(openGguf([renamed])).rejects.toThrow("Missing: part 2 of 2.");
  });

  it("of many parts names the first few", async () => {
    const [first] = parts(20);
    await expect(openGguf([first])).rejects.toThrow(/00005-of-00020\.gguf and 15 more\./);
  });

  it("with a part twice, with a whole model or with another split is refused", async () => {
    const [first, second] = parts(2);
    const whole = new MemorySource(ggufBytes(model), "whole.gguf");
    await expect(openGguf([first, first])).rejects.toMatchObject({ code: "invalid-argument" });
    await expect(openGguf([first, whole])).rejects.toThrow(/whole\.gguf is a whole model/);
    await expect(openGguf([whole, whole])).rejects.toMatchObject({ code: "invalid-argument" });
    await expect(openGguf([second, parts(3)[0]])).rejects.toThrow(/is one of 3 parts/);
  });

  it("whose parts hold the same tensor, or too few, is refused", async () => {
    const [first, second] = splitModel(model, 2);
    const open = (a: typeof first, b: typeof first) =>
      openGguf([new MemorySource(ggufBytes(a), "a"), new MemorySource(ggufBytes(b), "b")]);
    await expect(open(first, { ...second, tensors: first.tensors })).rejects.toThrow(/is in a and in b/);
    await expect(open(first, { ...second, tensors: [] })).rejects.toThrow(/should have \d+/);
  });

  it("with a part number out of range is refused", async () => {
    const [first, second] = splitModel(model, 2);
    const metadata = new Map(second.metadata).set("split.no", { type: "uint16", value: 2 });
    const sources = [first, { ...second, metadata }].map((part) => new MemorySource(ggufBytes(part)));
    await expect(openGguf(sources)).rejects.toThrow(/split\.no is 2/);
  });
});
