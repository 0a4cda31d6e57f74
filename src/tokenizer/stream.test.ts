import { describe, expect, it } from "vitest";
import { cleanUpSpaces, settledLength } from "./clean-up.ts";
import { createTokenizer } from "./index.ts";
import { BYTE_LETTERS, metadataOf, randomNumbers, randomText } from "./metadata.fixture.ts";

const tokens = [...BYTE_LETTERS, "Ġ'", "Ġ,", "Ġ", "'s", "ðŁĺ", "Ģ", "<|end|>", "ï»¿"];
const tokenizer = createTokenizer(
  metadataOf({
    "tokenizer.ggml.model": "gpt2",
    "tokenizer.ggml.pre": "gpt-2",
    "tokenizer.ggml.tokens": tokens,
    "tokenizer.ggml.token_type": tokens.map((text) => (text === "<|end|>" ? 3 : 1)),
    "tokenizer.ggml.merges": ["ð Ł", "ðŁ ĺ", "Ġ '", "Ġ ,"],
  }),
);
const id = (text: string) => tokens.indexOf(text);
const run = (ids: number[], options = {}) => {
  const stream = tokenizer.stream(options);
  return [...ids.map((token) => stream.push(token)), stream.flush()];
};

describe("streaming decoder", () => {
  it("keeps the beginning of a character back until it is whole", () => {
    expect(run([id("ðŁĺ"), id("Ģ"), id("a")])).toEqual(["", "😀", "a", ""]);
    expect(run([id("a"), id("ðŁĺ")])).toEqual(["a", "", "\ufffd"]);
    expect(run([id("ðŁĺ"), id("a")])).toEqual(["", "\ufffda", ""]);
    expect(run([id("ðŁĺ"), id("<|end|>"), id("Ģ")])).toEqual(["", "", "😀", ""]);
  });

  it("keeps a byte order mark", () => {
    expect(tokenizer.decode([id("ï»¿"), id("a")])).toBe("\ufeffa");
  });

  it("keeps spaces back that may yet be dropped", () => {
    const text = { cleanSpaces: true };
    expect(run([id("a"), id("Ġ"), id(",")], text)).toEqual(["a", "", ",", ""]);
    expect(run([id("a"), id("Ġ"), id("b")], text)).toEqual(["a", "", " b", ""]);
    expect(run([id("a"), id("Ġ")], text)).toEqual(["a", "", " "]);
    expect(run([id("a"), id("Ġ"), id(",")], { cleanSpaces: false })).toEqual(["a", " ", ",", ""]);
  });

  it("gives in pieces what decode gives at once, for any tokens", () => {
    const random = randomNumbers(21);
    const likely = [" ", "'", "r", "e", "v", "s", "m", "?", ",", "a"].map((text) => id(text === " " ? "Ġ" : text));
    for (let i = 0; i < 400; i++) {
      const ids = Array.from({ length: 60 }, () =>
        i % 2 ? Math.floor(random() * tokens.length) : likely[Math.floor(random() * likely.length)],
      );
      const bytes = ids.flatMap((token) => [...tokenizer.tokenBytes(token)]);
      const plain = new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes));
      expect(run(ids, { cleanSpaces: false }).join("")).toBe(plain);
      expect(run(ids, { cleanSpaces: true }).join("")).toBe(cleanUpSpaces(plain));
      expect(tokenizer.decode(ids)).toBe(cleanUpSpaces(plain));
    }
  });

  it("never shows a character that was not in the text", () => {
    const random = randomNumbers(22);
    for (let i = 0; i < 100; i++) {
      const text = randomText(random, 20).replaceAll("\ufffd", "");
      let shown = "";
      for (const piece of run(tokenizer.encode(text), { cleanSpaces: false })) {
        shown += piece;
        expect(text.startsWith(shown)).toBe(true);
        expect(piece).not.toMatch(/\p{Cs}/u);
      }
      expect(shown).toBe(text);
    }
  });

  it("begins anew after flush", () => {
    const stream = tokenizer.stream();
    stream.push(id("ðŁĺ"));
    stream.flush();
    expect(stream.push(id("a"))).toBe("a");
  });

  it("refuses ids outside the vocabulary", () => {
    for (const wrong of [-1, tokens.length, 1.5, Number.NaN]) {
      expect(() => tokenizer.decode([wrong])).toThrow(expect.objectContaining({ code: "invalid-argument" }));
      expect(() => tokenizer.tokenText(wrong)).toThrow(expect.objectContaining({ code: "invalid-argument" }));
      expect(() => tokenizer.tokenType(wrong)).toThrow(expect.objectContaining({ code: "invalid-argument" }));
    }
  });
});

describe("cleaning up spaces", () => {
  it("follows the three rules in order", () => {
    expect(cleanUpSpaces("a , b ! c ? d .")).toBe("a, b! c? d.");
    expect(cleanUpSpaces("a ' b")).toBe("a'b");
    expect(cleanUpSpaces("it 's we 're I 'm they 've you 'll he 'd don 't")).toBe(
      "it's we're I'm they've you 'll he 'd don 't",
    );
    expect(cleanUpSpaces("a  , b")).toBe("a , b");
    expect(cleanUpSpaces(" ' ' ")).toBe("'' ");
    expect(cleanUpSpaces("x  ' s")).toBe("x's");
  });

  it("settles text up to what may yet change", () => {
    expect(settledLength("abc")).toBe(3);
    expect(settledLength("over")).toBe(4);
    expect(settledLength("abc ")).toBe(3);
    expect(settledLength("abc '")).toBe(3);
    expect(settledLength("abc 'r")).toBe(3);
    expect(settledLength("abc 'rx")).toBe(7);
  });
});
