import { describe, expect, it } from "vitest";
import { createTokenizer } from "./index.ts";
import { BYTE_LETTERS, metadataOf, randomNumbers, randomText } from "./metadata.fixture.ts";

/** A vocabulary of all bytes and what the merges make; `without` are results that are left out. */
function build(
  merges: string[],
  more: Parameters<typeof metadataOf>[0] = {},
  extra: string[] = [],
  without: string[] = [],
) {
  const joined = merges.map((merge) => merge.replace(" ", "")).filter((token) => !without.includes(token));
  const tokens = [...BYTE_LETTERS, ...new Set(joined), ...extra];
  const tokenizer = createTokenizer(
    metadataOf({
      "tokenizer.ggml.model": "gpt2",
      "tokenizer.ggml.pre": "gpt-2",
      "tokenizer.ggml.tokens": tokens,
      "tokenizer.ggml.merges": merges,
      ...more,
    }),
  );
  const texts = (text: string) => tokenizer.encode(text).map((id) => tokens[id]);
  return { tokenizer, tokens, texts };
}

/** Byte-pair encoding as the paper has it: always the earliest merge, leftmost first. */
function joinedPlainly(letters: string[], merges: string[]): string[] {
  const ranks = new Map(merges.map((merge, rank) => [merge, rank] as const).reverse());
  const symbols = [...letters];
  for (;;) {
    let best = Number.POSITIVE_INFINITY;
    let at = -1;
    for (let i = 0; i + 1 < symbols.length; i++) {
      const rank = ranks.get(`${symbols[i]} ${symbols[i + 1]}`) ?? Number.POSITIVE_INFINITY;
      if (rank < best) [best, at] = [rank, i];
    }
    if (at < 0) return symbols;
    symbols.splice(at, 2, symbols[at] + symbols[at + 1]);
  }
}

describe("byte-level BPE", () => {
  it("joins by the order of the merge list, not by length or place", () => {
    expect(build(["l l", "h e", "he ll", "hell o"]).texts("hello")).toEqual(["hello"]);
    expect(build(["l o", "l l", "h e", "he ll"]).texts("hello")).toEqual(["he", "l", "lo"]);
    expect(build(["a a"]).texts("aaaaa")).toEqual(["aa", "aa", "a"]);
    expect(build(["a b", "b c"]).texts("abc")).toEqual(["ab", "c"]);
    expect(build(["b c", "a b"]).texts("abc")).toEqual(["a", "bc"]);
  });

  it("writes spaces and bytes beyond ASCII in the byte alphabet", () => {
    const { texts, tokenizer } = build(["Ġ w", "Ã ¤"]);
    expect(texts(" wä")).toEqual(["Ġw", "Ã¤"]);
    expect(texts("\n€")).toEqual(["Ċ", "â", "Ĥ", "¬"]);
    expect([...tokenizer.tokenBytes(tokenizer.encode("ä")[0])]).toEqual([0xc3, 0xa4]);
  });

  it("does not join across words", () => {
    expect(build(["a Ġ", "Ġ b"]).texts("a b")).toEqual(["a", "Ġb"]);
  });

  it("agrees with the plain algorithm on random merges, also where a joined symbol is no token", () => {
    const random = randomNumbers(7);
    let joins = 0;
    for (let round = 0; round < 60; round++) {
      const symbols = ["a", "b", "c"];
      const merges: string[] = [];
      for (let i = 0; i < 25; i++) {
        const part = () => symbols[Math.floor(random() * symbols.length)];
        const [left, right] = [part(), part()];
        if ((left + right).length > 12) continue;
        merges.push(`${left} ${right}`);
        symbols.push(left + right);
      }
      const without = symbols.filter((symbol) => symbol.length > 1 && random() < 0.1);
      const { texts } = build(merges, {}, [], without);
      for (let i = 0; i < 20; i++) {
        const letters = Array.from({ length: 1 + Math.floor(random() * 40) }, () => "abc"[Math.floor(random() * 3)]);
        const expected = joinedPlainly(letters, merges);
        joins += letters.length - expected.length;
        expect(texts(letters.join(""))).toEqual(
          expected.flatMap((symbol) => (without.includes(symbol) ? symbol.split("") : [symbol])),
        );
      }
    }
    expect(joins).toBeGreaterThan(5000);
  });

  it("takes a word that is a token whole where the vocabulary is of that kind", () => {
    const merges = ["a b", "b c"];
    expect(build(merges, { "tokenizer.ggml.pre": "llama-bpe" }, ["abc"]).texts("abc")).toEqual(["abc"]);
    expect(build(merges, { "tokenizer.ggml.pre": "dbrx" }, ["abc"]).texts("abc")).toEqual(["ab", "c"]);
  });

  it("normalises to NFC where the published tokenizer does", () => {
    const composed = "é";
    const decomposed = "e\u0301";
    const qwen = build([], { "tokenizer.ggml.pre": "qwen2" }).tokenizer;
    expect(qwen.encode(decomposed)).toEqual(qwen.encode(composed));
    const llama = build([], { "tokenizer.ggml.pre": "llama-bpe" }).tokenizer;
    expect(llama.decode(llama.encode(decomposed))).toBe(decomposed);
  });

  it("gives every text back, whatever the characters", () => {
    const random = randomNumbers(11);
    for (const pre of ["gpt-2", "llama-bpe", "gpt-4o", "tekken", "deepseek-llm", "deepseek-v3", "falcon", "default"]) {
      const { tokenizer } = build(["Ġ h", "e l", "el l", "Ð ¿"], { "tokenizer.ggml.pre": pre });
      for (let i = 0; i < 60; i++) {
        const text = randomText(random, 30);
        expect(tokenizer.decode(tokenizer.encode(text), { cleanSpaces: false })).toBe(text);
      }
    }
  });

  it("reads half a surrogate pair as U+FFFD", () => {
    const { tokenizer } = build([]);
    expect(tokenizer.decode(tokenizer.encode("a\ud83db"))).toBe("a\ufffdb");
  });

  it("encodes a single word of 200,000 letters", () => {
    const merges = ["a b", "ab ab", "abab abab"];
    const { texts } = build(merges);
    const found = texts("ab".repeat(100_000));
    expect(found).toHaveLength(25_000);
    expect(new Set(found)).toEqual(new Set(["abababab"]));
  });

  it("uses the unknown token for bytes that are not in the vocabulary, and nothing without one", () => {
    const values = {
      "tokenizer.ggml.model": "gpt2",
      "tokenizer.ggml.pre": "gpt-2",
      "tokenizer.ggml.tokens": ["<unk>", "a"],
      "tokenizer.ggml.merges": ["a b"],
    };
    expect(createTokenizer(metadataOf(values)).encode("abca")).toEqual([1, 1]);
    const withUnknown = metadataOf({ ...values, "tokenizer.ggml.unknown_token_id": 0 });
    expect(createTokenizer(withUnknown).encode("abca")).toEqual([1, 0, 0, 1]);
  });

  it("names what is missing", () => {
    const values = { "tokenizer.ggml.model": "gpt2", "tokenizer.ggml.tokens": ["a"] };
    expect(() => createTokenizer(metadataOf(values))).toThrow(expect.objectContaining({ code: "missing-metadata" }));
  });

  it("cuts by the default rules, and says so, when the pre-tokenizer is unknown or missing", () => {
    const unknown = build([], { "tokenizer.ggml.pre": "never-heard-of" }).tokenizer;
    expect(unknown.notes.join()).toContain('"never-heard-of"');
    expect(unknown.encode("12 ab")).toEqual(build([], { "tokenizer.ggml.pre": "default" }).tokenizer.encode("12 ab"));
    expect(build([]).tokenizer.notes).toEqual([]);
  });
});
