import { describe, expect, it } from "vitest";
import { randomNumbers, randomText } from "./metadata.fixture.ts";
import { PRE_TOKENIZERS } from "./pre-tokenizers.ts";
import { Splitter } from "./split.ts";

const split = (name: string, text: string) => new Splitter(PRE_TOKENIZERS.get(name)!).split(text);

/** Worked out by hand from the published expressions. */
const CASES: [name: string, text: string, words: string[]][] = [
  ["gpt-2", "I'll DON'T  go", ["I", "'ll", " DON", "'", "T", " ", " go"]],
  ["gpt-2", "x=12345\n\n y", ["x", "=", "12345", "\n\n", " y"]],
  ["gpt-2", "a   ", ["a", "   "]],
  ["gpt-2", "a\t\tb", ["a", "\t", "\t", "b"]],
  ["starcoder", "v12 34", ["v", "1", "2", " ", "3", "4"]],
  ["llama-bpe", "I'LL DON'T", ["I", "'LL", " DON", "'T"]],
  ["llama-bpe", "12345 678", ["123", "45", " ", "678"]],
  ["llama-bpe", "(foo) !=\n\nbar", ["(foo", ")", " !=\n\n", "bar"]],
  ["llama-bpe", " \n \n  x", [" \n \n", " ", " x"]],
  ["llama-bpe", "a\u00a0b", ["a", "\u00a0b"]],
  ["llama-bpe", "it'\u017f", ["it", "'\u017f"]],
  ["qwen2", "12345", ["1", "2", "3", "4", "5"]],
  ["qwen2", "नमस्ते", ["नमस", "्त", "े"]],
  ["qwen35", "नमस्ते दुनिया", ["नमस्ते", " दुनिया"]],
  ["gpt-4o", "HelloWorld parseJSON it's IT'S", ["Hello", "World", " parse", "JSON", " it's", " IT'S"]],
  ["gpt-4o", "नमस्ते", ["नमस्ते"]],
  ["gpt-4o", "a/b//\n/c", ["a", "/b", "//\n/", "c"]],
  ["tekken", "HelloWorld 123 it's", ["Hello", "World", " ", "1", "2", "3", " it", "'s"]],
  ["deepseek-v3", "abc1234\u4f60\u597d_foo!", ["abc", "123", "4", "\u4f60\u597d", "_foo", "!"]],
  ["deepseek-llm", "Hi, 12\nyou\uff01", ["Hi", ",", " ", "12", "\n", "you", "\uff01"]],
  ["deepseek-coder", "foo 12\r\n", ["foo", " ", "1", "2", "\r", "\n"]],
  ["falcon", "a+b 12345", ["a", "+", "b", " ", "123", "45"]],
  ["default", "a~b 12345", ["a", "~", "b", " ", "123", "45"]],
  ["command-r", "x 12", ["x", " ", "1", "2"]],
  ["kimi-k2", "\u4f60\u597dabc 1234", ["\u4f60\u597d", "abc", " ", "123", "4"]],
  ["exaone-moe", "one two 12", ["one two", " ", "1", "2"]],
  ["viking", "ab, c12", ["ab", ",", " c", "1", "2"]],
  ["bailingmoe", "I'LL 12", ["I", "'LL", " ", "1", "2"]],
  ["seed-coder", "a !\n\nb", ["a", " !", "\n\n", "b"]],
  ["minicpm5", "a 12345", ["a", " ", "123", "45"]],
  ["jais-2", "a     b", ["a", "    ", " b"]],
];

describe("pre-tokenizers", () => {
  for (const [name, text, words] of CASES) {
    it(`${name}: ${JSON.stringify(text)}`, () => expect(split(name, text)).toEqual(words));
  }

  it("read white space as Unicode has it: U+0085 is, U+FEFF is not", () => {
    expect(split("gpt-2", "a \u0085b")).toEqual(["a", " ", "\u0085", "b"]);
    expect(split("gpt-2", "a\ufeff!")).toEqual(["a", "\ufeff!"]);
  });

  it("lose nothing and leave no empty word", () => {
    const random = randomNumbers(1);
    const texts = Array.from({ length: 40 }, () => randomText(random, 40).normalize("NFC"));
    for (const [name, rules] of PRE_TOKENIZERS) {
      const splitter = new Splitter(rules);
      for (const text of texts) {
        const words = splitter.split(text);
        expect(words.join(""), name).toBe(text);
        expect(words, name).not.toContain("");
      }
    }
  });

  it("take long runs of one character", () => {
    for (const run of ["a", "A", "\u0e01", "1", " ", "\n", "!", "\u4f60"].map((letter) => letter.repeat(50_000))) {
      for (const rules of new Set(PRE_TOKENIZERS.values())) {
        expect(new Splitter(rules).split(`${run}.`).join("")).toBe(`${run}.`);
      }
    }
  });
});
