import { describe, expect, it } from "vitest";
import { ByteIndex } from "./byte-index.ts";
import { createTokenizer } from "./index.ts";
import { metadataOf, randomNumbers } from "./metadata.fixture.ts";

const failure = (values: Parameters<typeof metadataOf>[0]) => {
  try {
    createTokenizer(metadataOf(values));
  } catch (error) {
    return error as { code: string; message: string };
  }
  throw new Error("nothing was thrown");
};

describe("createTokenizer", () => {
  it("names the kind that is not there and lists those that are", () => {
    const error = failure({ "tokenizer.ggml.model": "bert", "tokenizer.ggml.tokens": ["a"] });
    expect(error.code).toBe("unsupported-tokenizer");
    for (const part of ["bert", "WordPiece", "llama", "gpt2"]) expect(error.message).toContain(part);
    expect(failure({ "tokenizer.ggml.model": "toString" }).code).toBe("unsupported-tokenizer");
  });

  it("says what is missing", () => {
    expect(failure({}).code).toBe("missing-metadata");
    expect(failure({ "tokenizer.ggml.model": "llama" }).code).toBe("missing-metadata");
  });

  it("refuses lists that are too short or of the wrong kind", () => {
    const values = { "tokenizer.ggml.model": "llama", "tokenizer.ggml.tokens": ["a", "b"] };
    expect(failure({ ...values, "tokenizer.ggml.scores": [0] }).code).toBe("malformed");
    expect(failure({ ...values, "tokenizer.ggml.token_type": [1] }).code).toBe("malformed");
    expect(failure({ ...values, "tokenizer.ggml.tokens": [1, 2] }).code).toBe("malformed");
    expect(failure({ ...values, "tokenizer.ggml.add_bos_token": "yes" }).code).toBe("malformed");
  });

  it("does not put tokens in front that are not there", () => {
    const values = { "tokenizer.ggml.model": "llama", "tokenizer.ggml.tokens": ["a"] };
    const tokenizer = createTokenizer(metadataOf(values));
    expect(tokenizer.addBos).toBe(false);
    expect(tokenizer.bosToken).toBeUndefined();
    expect(tokenizer.encode("", { addSpecial: true })).toEqual([]);
  });
});

describe("byte index", () => {
  const indexOf = (items: string[]) => {
    const list = metadataOf({ list: items }).strings("list")!;
    return new ByteIndex(list.ranges());
  };
  const find = (index: ByteIndex, text: string) => {
    const bytes = new TextEncoder().encode(`<${text}>`);
    return index.find(bytes, 1, bytes.length - 1);
  };

  it("finds every item and nothing else", () => {
    const random = randomNumbers(2);
    const items = [...new Set(Array.from({ length: 5000 }, () => Math.floor(random() * 1e9).toString(36)))];
    const index = indexOf(items);
    for (const [i, item] of items.entries()) expect(find(index, item)).toBe(i);
    for (const item of items) expect(find(index, `${item}.`)).toBe(-1);
  });

  it("finds the first of equal items, and no empty one", () => {
    const index = indexOf(["", "a", "b", "a"]);
    expect(find(index, "a")).toBe(1);
    expect(find(index, "")).toBe(-1);
    expect(indexOf(["x"]).longest).toBe(1);
  });
});
