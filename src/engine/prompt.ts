import { DEFAULT_TEMPLATE, renderTemplate } from "../chat/template.ts";
import type { ChatMessage } from "../core/api.ts";
import { WebggufError } from "../core/errors.ts";
import type { Metadata } from "../core/metadata.ts";
import type { Tokenizer } from "../tokenizer/index.ts";

export interface Prompt {
  readonly tokens: readonly number[];
  /** How many of the first tokens stay when a full context is shifted. */
  keep(): number;
  /** Texts that end the answer beside the ones asked for. */
  readonly stop: readonly string[];
}

/** The tokens of a text that is to be continued: with BOS in front where the file wants it, never twice, and no EOS. */
export function textPrompt(tokenizer: Tokenizer, text: string, parseSpecial: boolean): Prompt {
  return tokenPrompt(tokenizer, encodeWithBos(tokenizer, text, parseSpecial));
}

export function tokenPrompt(tokenizer: Tokenizer, tokens: readonly number[]): Prompt {
  if (!Array.isArray(tokens)) {
    throw new WebggufError("invalid-argument", `A prompt is a text or a list of tokens, not ${typeof tokens}.`);
  }
  return { tokens, keep: () => bosLength(tokenizer, tokens), stop: [] };
}

/** The tokens of a conversation in the form that the file's chat template gives it (ChatML if it has none). */
export function chatPrompt(
  tokenizer: Tokenizer,
  metadata: Metadata,
  messages: readonly ChatMessage[],
  tools: readonly unknown[] | undefined,
): Prompt {
  const template = chatTemplate(metadata, Boolean(tools?.length));
  const tokensOf = (list: readonly ChatMessage[]) =>
    encodeWithBos(
      tokenizer,
      renderTemplate(template ?? DEFAULT_TEMPLATE, {
        messages: list,
        bosToken: textOf(tokenizer, tokenizer.bosToken),
        eosToken: textOf(tokenizer, tokenizer.eosToken),
        addGenerationPrompt: true,
        tools,
      }),
      true,
    );
  const tokens = tokensOf(messages);
  return {
    tokens,
    keep: () => {
      // What two conversations that differ in the first question only have in common: BOS and the system message.
      const system = messages.filter((message, index) => index === 0 && message.role === "system");
      try {
        const [a, b] = ["a", "b"].map((content) => tokensOf([...system, { role: "user", content }]));
        return commonPrefix(tokens, a.slice(0, commonPrefix(a, b)));
      } catch {
        // A template that renders the conversation need not render so short a one.
        return bosLength(tokenizer, tokens);
      }
    },
    stop: template === undefined ? ["<|im_end|>"] : [],
  };
}

/** The file's own template; the one for tools, where there are tools and it has one. */
export function chatTemplate(metadata: Metadata, withTools = false): string | undefined {
  const forTools = withTools ? metadata.string("tokenizer.chat_template.tool_use") : undefined;
  return forTools ?? metadata.string("tokenizer.chat_template");
}

/** Throws `invalid-argument` unless all are token ids below `vocabularySize`, and there is at least one. */
export function checkTokens(tokens: readonly number[], vocabularySize: number): void {
  if (tokens.length === 0) {
    throw new WebggufError("invalid-argument", "There is nothing to evaluate: the list of tokens is empty.");
  }
  const index = tokens.findIndex((token) => !Number.isInteger(token) || token < 0 || token >= vocabularySize);
  if (index < 0) return;
  throw new WebggufError(
    "invalid-argument",
    `Token ${tokens[index]} at index ${index} is not in the vocabulary (0 to ${vocabularySize - 1}).`,
  );
}

/** Throws `context-full` when `count` tokens do not fit. */
export function checkFits(count: number, contextLength: number, what: string): void {
  if (count <= contextLength) return;
  throw new WebggufError(
    "context-full",
    `${what} has ${count} tokens, the context holds ${contextLength}: ${count - contextLength} too many. Shorten it, start a new conversation, or open the model with a larger contextLength.`,
  );
}

/** Throws `invalid-argument` unless every option is a whole number from `least`. */
export function checkCounts(options: Readonly<Record<string, number>>, least: number): void {
  for (const [name, value] of Object.entries(options)) {
    if (Number.isInteger(value) && value >= least) continue;
    throw new WebggufError(
      "invalid-argument",
      `\`${name}\` must be a whole number from ${least}, not ${String(value)}.`,
    );
  }
}

function encodeWithBos(tokenizer: Tokenizer, text: string, parseSpecial: boolean): number[] {
  const tokens = tokenizer.encode(text, { parseSpecial });
  const { addBos, bosToken } = tokenizer;
  if (addBos && bosToken !== undefined && tokens[0] !== bosToken) tokens.unshift(bosToken);
  return tokens;
}

function bosLength(tokenizer: Tokenizer, tokens: readonly number[]): number {
  return tokens[0] === tokenizer.bosToken ? 1 : 0;
}

function textOf(tokenizer: Tokenizer, token: number | undefined): string {
  return token === undefined ? "" : tokenizer.tokenText(token);
}

function commonPrefix(a: readonly number[], b: readonly number[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}
