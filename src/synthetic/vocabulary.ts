import type { TypedValue } from "../gguf/encode.ts";
import { Random } from "./random.ts";

/** GGUF's numbers for kinds of tokens. */
const KIND = { normal: 1, unknown: 2, control: 3, byte: 6 } as const;

/** Control tokens of the ChatML form. */
const CONTROL_TOKENS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];

/** Longest learnt token, in characters. */
const LONGEST = 12;

/** A conversation in ChatML. */
export const CHAT_TEMPLATE = [
  "{%- for message in messages -%}",
  "{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}",
  "{%- endfor -%}",
  "{%- if add_generation_prompt -%}",
  "{{ '<|im_start|>assistant\\n' }}",
  "{%- endif -%}",
].join("");

/**
 * Metadata of a byte-level BPE tokenizer with `size` tokens: the 256 bytes, then one token per merge, then the control
 * tokens. Merges are random, but of letters and of letters after a space, as in trained ones.
 */
export function bpeVocabulary(size: number, seed: number): Map<string, TypedValue> {
  const tokens = byteCharacters();
  const control = size - CONTROL_TOKENS.length;
  if (control < tokens.length) throw new Error(`a byte-level vocabulary of ${size} tokens is too small`);
  const merges: string[] = [];
  learnMerges(LETTERS, "Ġ", control - tokens.length, seed, (left, right) => {
    merges.push(`${left} ${right}`);
    tokens.push(left + right);
  });
  tokens.push(...CONTROL_TOKENS);
  const kinds = tokens.map((_, index) => (index < control ? KIND.normal : KIND.control));
  return new Map<string, TypedValue>([
    ["tokenizer.ggml.model", { type: "string", value: "gpt2" }],
    ["tokenizer.ggml.pre", { type: "string", value: "qwen2" }],
    ["tokenizer.ggml.tokens", { type: "array", of: "string", value: tokens }],
    ["tokenizer.ggml.token_type", { type: "array", of: "int32", value: kinds }],
    ["tokenizer.ggml.merges", { type: "array", of: "string", value: merges }],
    ["tokenizer.ggml.bos_token_id", { type: "uint32", value: control }],
    ["tokenizer.ggml.eos_token_id", { type: "uint32", value: control + 2 }],
    ["tokenizer.ggml.padding_token_id", { type: "uint32", value: control }],
    ["tokenizer.ggml.add_bos_token", { type: "bool", value: false }],
    ["tokenizer.chat_template", { type: "string", value: CHAT_TEMPLATE }],
  ]);
}

/**
 * Metadata of a SentencePiece-style tokenizer with `size` tokens: unknown, begin, end, the 256 bytes, learnt pieces in
 * the order of their scores, single characters, and the control tokens.
 */
export function spmVocabulary(size: number, seed: number): Map<string, TypedValue> {
  const characters = ["▁", ...LETTERS, ..."ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:;!?'\"()-äöüßéñ東京"];
  const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);
  const learnt = size - 3 - bytes.length - characters.length - CONTROL_TOKENS.length;
  if (learnt < 0) throw new Error(`a SentencePiece vocabulary of ${size} tokens is too small`);
  const pieces: string[] = [];
  learnMerges(LETTERS, "▁", learnt, seed, (left, right) => pieces.push(left + right));
  const entries: [string, number, number][] = [
    ["<unk>", KIND.unknown, 0],
    ["<s>", KIND.control, 0],
    ["</s>", KIND.control, 0],
    ...bytes.map((text): [string, number, number] => [text, KIND.byte, 0]),
    ...[...pieces, ...characters].map((text, rank): [string, number, number] => [text, KIND.normal, -rank]),
    ...CONTROL_TOKENS.map((text): [string, number, number] => [text, KIND.control, 0]),
  ];
  return new Map<string, TypedValue>([
    ["tokenizer.ggml.model", { type: "string", value: "llama" }],
    ["tokenizer.ggml.pre", { type: "string", value: "default" }],
    ["tokenizer.ggml.tokens", { type: "array", of: "string", value: entries.map(([text]) => text) }],
    ["tokenizer.ggml.scores", { type: "array", of: "float32", value: entries.map(([, , score]) => score) }],
    ["tokenizer.ggml.token_type", { type: "array", of: "int32", value: entries.map(([, kind]) => kind) }],
    ["tokenizer.ggml.bos_token_id", { type: "uint32", value: 1 }],
    ["tokenizer.ggml.eos_token_id", { type: "uint32", value: 2 }],
    ["tokenizer.ggml.unknown_token_id", { type: "uint32", value: 0 }],
    ["tokenizer.ggml.add_bos_token", { type: "bool", value: true }],
    ["tokenizer.ggml.add_eos_token", { type: "bool", value: false }],
    ["tokenizer.ggml.add_space_prefix", { type: "bool", value: true }],
    ["tokenizer.chat_template", { type: "string", value: CHAT_TEMPLATE }],
  ]);
}

const LETTERS = [..."etaoinshrdlucmfwypvbgkjqxz"];

/**
 * Grows a stock of tokens by joining two of them, the earlier the likelier; the left one may begin with a space, which
 * is written as `space`. Calls `onMerge` for each of the `count` new tokens.
 */
function learnMerges(
  letters: readonly string[],
  space: string,
  count: number,
  seed: number,
  onMerge: (left: string, right: string) => void,
): void {
  const random = new Random(seed);
  const starts = [space, ...letters];
  const inner = [...letters];
  const known = new Set(starts);
  for (let learnt = 0; learnt < count; ) {
    const left = starts[Math.floor(random.float() ** 2 * starts.length)];
    const right = inner[Math.floor(random.float() ** 2 * inner.length)];
    const joined = left + right;
    if (joined.length > LONGEST || known.has(joined)) continue;
    known.add(joined);
    starts.push(joined);
    if (!joined.startsWith(space)) inner.push(joined);
    onMerge(left, right);
    learnt++;
  }
}

/**
 * The 256 bytes as byte-level BPE writes them: printable Latin-1 characters stand for themselves, the rest are
 * U+0100 and following, in order. Tokens are in this order too.
 */
function byteCharacters(): string[] {
  const isPrintable = (byte: number) =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  const others = bytes.filter((byte) => !isPrintable(byte));
  return [
    ...bytes.filter(isPrintable).map((byte) => String.fromCodePoint(byte)),
    ...others.map((_, index) => String.fromCodePoint(0x100 + index)),
  ];
}
