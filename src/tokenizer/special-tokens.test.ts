import { describe, expect, it } from "vitest";
import { createTokenizer } from "./index.ts";
import { BYTE_LETTERS, metadataOf } from "./metadata.fixture.ts";

const [NORMAL, UNKNOWN, CONTROL, USER_DEFINED] = [1, 2, 3, 4];

function build(special: [text: string, type: number][], more: Parameters<typeof metadataOf>[0] = {}) {
  const tokens = [...BYTE_LETTERS, ...special.map(([text]) => text)];
  const tokenizer = createTokenizer(
    metadataOf({
      "tokenizer.ggml.model": "gpt2",
      "tokenizer.ggml.pre": "gpt-2",
      "tokenizer.ggml.tokens": tokens,
      "tokenizer.ggml.token_type": tokens.map((_, id) => special[id - BYTE_LETTERS.length]?.[1] ?? NORMAL),
      "tokenizer.ggml.merges": [],
      ...more,
    }),
  );
  const pieces = (text: string, parseSpecial: boolean) =>
    tokenizer.encode(text, { parseSpecial }).map((id) => tokens[id].replaceAll("Ġ", " "));
  const id = (text: string) => tokens.indexOf(text);
  return { tokenizer, pieces, id };
}

describe("special tokens in text", () => {
  it("are cut out when asked for; user-defined ones always", () => {
    const { pieces } = build([
      ["<ctl>", CONTROL],
      ["<usr>", USER_DEFINED],
      ["<unk>", UNKNOWN],
    ]);
    expect(pieces("a<ctl><usr>b<unk>", true)).toEqual(["a", "<ctl>", "<usr>", "b", "<unk>"]);
    expect(pieces("a<ctl><usr>b", false)).toEqual([..."a<ctl>", "<usr>", "b"]);
  });

  it("claim their text longest first, wherever they stand", () => {
    const { pieces } = build([
      ["ab", USER_DEFINED],
      ["bcd", USER_DEFINED],
      ["  ", USER_DEFINED],
      ["   ", USER_DEFINED],
    ]);
    expect(pieces("abcd", false)).toEqual(["a", "bcd"]);
    expect(pieces("ababcdab", false)).toEqual(["ab", "a", "bcd", "ab"]);
    expect(pieces("x        y", false)).toEqual(["x", "   ", "   ", "  ", "y"]);
  });

  it("take white space with them where the model's tokens do", () => {
    const phi = build(
      [
        ["<|user|>", CONTROL],
        ["<s>", CONTROL],
      ],
      { "general.name": "Phi-3 mini" },
    );
    expect(phi.pieces(" <|user|> \n\t a", true)).toEqual([" ", "<|user|>", "a"]);
    expect(phi.pieces("<|user|> <|user|>", true)).toEqual(["<|user|>", "<|user|>"]);
    expect(phi.pieces("<s> a", true)).toEqual(["<s>", " ", "a"]);
    const jina = build([["<mask>", CONTROL]], { "tokenizer.ggml.pre": "jina-v2-code" });
    expect(jina.pieces("a  <mask> b", true)).toEqual(["a", "<mask>", " ", "b"]);
  });

  it("are written out by decode only when asked for", () => {
    const { tokenizer, id } = build([
      ["<ctl>", CONTROL],
      ["<usr>", USER_DEFINED],
      ["", NORMAL],
    ]);
    const ids = [id("<ctl>"), id("a"), id("<usr>")];
    expect(tokenizer.decode(ids)).toBe("a<usr>");
    expect(tokenizer.decode(ids, { special: true })).toBe("<ctl>a<usr>");
    expect(tokenizer.tokenBytes(id("<ctl>"))).toHaveLength(0);
    expect(tokenizer.tokenText(id("<ctl>"))).toBe("<ctl>");
    expect(ids.map((token) => tokenizer.tokenType(token))).toEqual(["control", "normal", "user-defined"]);
    expect(tokenizer.decode([id("")])).toBe("");
  });

  it("keep long texts of many tokens linear", () => {
    const { tokenizer, id } = build([
      ["<|a|>", CONTROL],
      ["<|b|>", CONTROL],
    ]);
    const ids = tokenizer.encode("<|a|><|b|>".repeat(50_000), { parseSpecial: true });
    expect(ids).toHaveLength(100_000);
    expect(ids.slice(-2)).toEqual([id("<|a|>"), id("<|b|>")]);
  });
});

describe("end of generation", () => {
  const ends = ({ tokenizer }: ReturnType<typeof build>) =>
    [...tokenizer.endOfGeneration].map((id) => tokenizer.tokenText(id)).sort();

  it("is what the file names and what is known by its text", () => {
    const built = build(
      [
        ["<|im_end|>", CONTROL],
        ["<|endoftext|>", NORMAL],
        ["<stop>", CONTROL],
        ["<|im_start|>", CONTROL],
      ],
      { "tokenizer.ggml.eos_token_id": BYTE_LETTERS.length + 2 },
    );
    expect(ends(built)).toEqual(["<stop>", "<|endoftext|>", "<|im_end|>"]);
    expect(built.tokenizer.tokenType(built.id("<|endoftext|>"))).toBe("control");
    expect(built.tokenizer.eosToken).toBe(built.id("<stop>"));
    expect(built.tokenizer.eotToken).toBe(built.id("<|im_end|>"));
    expect(built.tokenizer.bosToken).toBeUndefined();
  });

  it("leaves <|end|> out where messages end with <|return|> or <|call|>", () => {
    const harmony = ["<|end|>", "<|return|>", "<|call|>", "<|channel|>"];
    const built = build(harmony.map((text) => [text, CONTROL]));
    expect(ends(built)).toEqual(["<|call|>", "<|return|>"]);
    expect(built.tokenizer.tokenType(built.id("<|end|>"))).toBe("user-defined");
    expect(built.tokenizer.decode([built.id("<|channel|>")])).toBe("<|channel|>");
    expect(ends(build([["<|end|>", CONTROL]]))).toEqual(["<|end|>"]);
  });

  it("does not use ids outside the vocabulary, and says so", () => {
    const { tokenizer } = build([], { "tokenizer.ggml.eos_token_id": 9999 });
    expect(tokenizer.eosToken).toBeUndefined();
    expect(tokenizer.notes.join()).toContain("9999");
    expect(tokenizer.endOfGeneration.size).toBe(0);
  });
});
