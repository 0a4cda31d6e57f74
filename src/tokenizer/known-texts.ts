import { CONTROL, NORMAL, STRIPS_LEFT, STRIPS_RIGHT, UNKNOWN, USER_DEFINED } from "./attributes.ts";

/**
 * Tokens whose role is known by how they are spelled. Files often leave `eot_token_id` and kin out, or mark control
 * tokens as normal ones; the lists are those of llama.cpp.
 */
const END_OF_TURN = [
  "<|eot_id|>",
  "<|im_end|>",
  "<|end|>",
  "<end_of_turn>",
  "<|endoftext|>",
  "<|end_of_text|>",
  "<EOT>",
  "_<EOT>",
  "[EOT]",
  "<｜end▁of▁sentence｜>",
  "<end_of_utterance>",
];
const END_OF_MESSAGE = ["<|eom_id|>"];
const FILL_IN_MIDDLE_PAD = ["<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]"];
const FILL_IN_MIDDLE_REPOSITORY = ["<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>", "<reponame>"];
const FILL_IN_MIDDLE_FILE = ["<|file_sep|>"];
/** Control tokens that are not ends: prefix, suffix and middle of fill-in-the-middle prompts. */
const FILL_IN_MIDDLE_PARTS = [
  {
    keys: ["fim_pre_token_id", "prefix_token_id"],
    texts: [
      "<|fim_prefix|>",
      "<fim-prefix>",
      "<fim_prefix>",
      "<｜fim▁begin｜>",
      "<PRE>",
      "▁<PRE>",
      "<|code_prefix|>",
      "<|prefix|>",
    ],
  },
  {
    keys: ["fim_suf_token_id", "suffix_token_id"],
    texts: [
      "<|fim_suffix|>",
      "<fim-suffix>",
      "<fim_suffix>",
      "<｜fim▁hole｜>",
      "<SUF>",
      "▁<SUF>",
      "<|code_suffix|>",
      "<|suffix|>",
    ],
  },
  {
    keys: ["fim_mid_token_id", "middle_token_id"],
    texts: [
      "<|fim_middle|>",
      "<fim-middle>",
      "<fim_middle>",
      "<｜fim▁end｜>",
      "<MID>",
      "▁<MID>",
      "<|code_middle|>",
      "<|middle|>",
    ],
  },
];
const ENDS = [
  "<|eot_id|>",
  "<|im_end|>",
  "<|end|>",
  "<|return|>",
  "<|call|>",
  "<|flush|>",
  "<|calls|>",
  "<end_of_turn>",
  "<|endoftext|>",
  "</s>",
  "<|eom_id|>",
  "<EOT>",
  "_<EOT>",
  "[EOT]",
  "[EOS]",
  "<|end_of_text|>",
  "<end_of_utterance>",
  "<eos>",
  "<turn|>",
  "<|tool_response>",
  "<｜end▁of▁sentence｜>",
];
/** The marks of gpt-oss's message format: they are part of what is shown. */
const SHOWN = ["<|channel|>", "<|message|>", "<|start|>", "<|constrain|>"];

export interface Roles {
  readonly endOfTurn?: number;
  readonly endOfMessage?: number;
  readonly ends: ReadonlySet<number>;
}

/**
 * Finds the tokens that end a generation and corrects the attributes of tokens known by their text.
 * `find` gives the id of a text or −1, `declared` the id that a `tokenizer.ggml.` key names.
 */
export function assignRoles(
  attributes: Uint8Array,
  find: (text: string) => number,
  declared: (key: string) => number | undefined,
): Roles {
  const role = (keys: readonly string[], texts: readonly string[]): number | undefined => {
    for (const key of keys) {
      const id = declared(key);
      if (id !== undefined) return id;
    }
    for (const text of texts) {
      const id = find(text);
      if (id < 0) continue;
      attributes[id] |= CONTROL;
      return id;
    }
    return undefined;
  };

  const endOfTurn = role(["eot_token_id"], END_OF_TURN);
  const endOfMessage = role(["eom_token_id"], END_OF_MESSAGE);
  for (const { keys, texts } of FILL_IN_MIDDLE_PARTS) role(keys, texts);
  const ends = new Set<number>();
  const add = (id: number | undefined) => id !== undefined && ends.add(id);
  add(role(["fim_pad_token_id"], FILL_IN_MIDDLE_PAD));
  add(role(["fim_rep_token_id"], FILL_IN_MIDDLE_REPOSITORY));
  add(role(["fim_sep_token_id"], FILL_IN_MIDDLE_FILE));
  for (const text of ENDS) {
    const id = find(text);
    if (id < 0) continue;
    attributes[id] |= CONTROL;
    ends.add(id);
  }
  for (const text of SHOWN) {
    const id = find(text);
    if (id >= 0) attributes[id] = USER_DEFINED;
  }
  add(declared("eos_token_id"));
  add(endOfTurn);
  add(endOfMessage);

  const ending = (text: string) => ends.has(find(text));
  // Where messages end with <|return|> or a call, <|end|> only separates the parts of one answer.
  const calls = ending("<|call|>") || ending("<|calls|>");
  if (ending("<|end|>") && calls && (ending("<|return|>") || ending("<|flush|>"))) {
    ends.delete(find("<|end|>"));
    attributes[find("<|end|>")] = USER_DEFINED;
  }
  // Gemma 4 has </s> as an HTML tag.
  if (ending("<|tool_response>") && ending("</s>")) {
    ends.delete(find("</s>"));
    attributes[find("</s>")] = NORMAL;
  }
  return { endOfTurn, endOfMessage, ends };
}

/**
 * White space that belongs to special tokens. GGUF does not store it; it is known by the model's name and pre-tokenizer.
 */
export function assignStripping(
  attributes: Uint8Array,
  find: (text: string) => number,
  modelName: string,
  preTokenizer: string,
): void {
  const name = modelName.toLowerCase();
  const set = (text: string, bit: number) => {
    const id = find(text);
    if (id >= 0) attributes[id] |= bit;
  };
  if (/jina-v2-(?:de|es|code)/.test(preTokenizer)) set("<mask>", STRIPS_LEFT);
  else if (/phi-?3/.test(name)) {
    const special = CONTROL | USER_DEFINED | UNKNOWN;
    for (let id = 0; id < attributes.length; id++) if (attributes[id] & special) attributes[id] |= STRIPS_RIGHT;
    set("</s>", STRIPS_RIGHT);
    for (const text of ["<unk>", "<s>", "<|endoftext|>"]) {
      const id = find(text);
      if (id >= 0) attributes[id] &= ~STRIPS_RIGHT;
    }
  } else if (name.includes("modern-bert")) set("[MASK]", STRIPS_LEFT);
}
