import { describe, expect, it } from "vitest";
import { MemorySource, tinyModel } from "../../test/fixtures.ts";
import { hasReference, referenceBytes, referenceNames } from "../../test/reference.ts";
import { openGguf } from "./open.ts";
import { type GgufContents, ggufBytes } from "./writer.ts";

const vocabulary: GgufContents<never> = {
  metadata: new Map([
    ["general.architecture", { type: "string", value: "llama" }],
    [
      "tokenizer.ggml.tokens",
      { type: "array", of: "string", value: Array.from({ length: 600_000 }, (_, index) => `token ${index}`) },
    ],
    ["tokenizer.ggml.scores", { type: "array", of: "float32", value: new Float32Array(600_000).fill(0.5) }],
    ["general.name", { type: "string", value: "after the long lists" }],
  ]),
  tensors: [],
};

describe("openGguf", () => {
  it("opens a vocabulary without tensors", async () => {
    const source = new MemorySource(ggufBytes(vocabulary));
    const file = await openGguf([source]);
    expect(file.tensors.size).toBe(0);
    expect(file.metadata.string("general.name")).toBe("after the long lists");
    const tokens = file.metadata.strings("tokenizer.ggml.tokens")!;
    expect([tokens.length, tokens.at(0), tokens.at(599_999)]).toEqual([600_000, "token 0", "token 599999"]);
    expect(file.metadata.numbers("tokenizer.ggml.scores")![599_999]).toBe(0.5);
  });

  it("reads the header and little more, each byte once", async () => {
    const header = ggufBytes(vocabulary);
    const bytes = new Uint8Array(64 * 2 ** 20);
    bytes.set(header);
    const source = new MemorySource(bytes);
    const file = await openGguf([source]);
    expect(file.headerBytes).toBeLessThanOrEqual(header.length);
    expect(file.headerBytes).toBeGreaterThan(header.length - 32);
    expect(source.bytesRead).toBeGreaterThanOrEqual(file.headerBytes);
    expect(source.bytesRead).toBeLessThan(2 * header.length);
    expect(file.fileBytes).toBe(bytes.length);
  });

  it("stops on the signal", async () => {
    const signal = AbortSignal.abort();
    const opening = openGguf([new MemorySource(tinyModel({ architecture: "llama" }))], { signal });
    await expect(opening).rejects.toMatchObject({ code: "aborted" });
  });

  it("wants a file", async () => {
    await expect(openGguf([])).rejects.toMatchObject({ code: "invalid-argument" });
  });
});

describe.skipIf(!hasReference)("reference files", () => {
  const files = [
    ...referenceNames("models", ".gguf").map((name) => `models/${name}.gguf`),
    ...referenceNames("real", ".gguf").map((name) => `real/${name}.gguf`),
    ...referenceNames("tokenizers", ".gguf.gz").map((name) => `tokenizers/${name}.gguf.gz`),
  ];

  it.each(files)("%s opens", async (path) => {
    const source = new MemorySource(referenceBytes(path));
    const file = await openGguf([source]);
    expect(file.metadata.string("general.architecture")).toMatch(/^[a-z0-9_-]+$/);
    expect(file.metadata.strings("tokenizer.ggml.tokens")!.length).toBeGreaterThan(100);
    const ends = [...file.tensors.values()].map(({ offset, byteLength }) => offset + byteLength);
    const end = Math.max(file.headerBytes, ...ends);
    expect(end).toBeLessThanOrEqual(source.size);
    expect(end).toBeGreaterThan(source.size - 64);
  });
});
