import type { Env, Token } from "markdown-it";
import { languageOf, parser } from "./parser.ts";

/** One top-level block of an answer. */
export type Block =
  | { readonly kind: "html"; readonly html: string }
  /** A code block; `language` as written after the fence, maybe empty. */
  | { readonly kind: "code"; readonly language: string; readonly text: string };

/**
 * The blocks of a text that grows. Blocks before `settled` no longer change when text is added, so they keep their
 * identity and need not be rendered again.
 */
export interface BlockList {
  readonly source: string;
  readonly blocks: readonly Block[];
  /** How many of `blocks` are finished. */
  readonly settled: number;
  /** Where in `source` the first unfinished block begins. */
  readonly tailStart: number;
  /** Link definitions seen so far. */
  readonly env: Env;
}

const EMPTY: BlockList = { source: "", blocks: [], settled: 0, tailStart: 0, env: {} };

/** Parses `source`; what `before` has finished of it is taken over and only the rest is parsed. */
export function parseBlocks(source: string, before: BlockList = EMPTY): BlockList {
  const previous = source.startsWith(before.source) ? before : { ...EMPTY, env: {} };
  const { env } = previous;
  const tail = source.slice(previous.tailStart);
  const parsed = groups(parser.parse(tail, env));
  const blocks = parsed.map((tokens) => toBlock(tokens, env));
  const kept = previous.blocks.slice(0, previous.settled);

  // Markdown's block structure is decided line by line: in the complete lines, every block but the last is final.
  const completeLines = countLines(tail.slice(0, tail.lastIndexOf("\n") + 1));
  const starts = parsed.map((tokens) => tokens[0].map?.[0] ?? 0);
  const open = starts.findLastIndex((line) => line < completeLines);
  const finished = Math.max(0, open);
  return {
    source,
    blocks: [...kept, ...blocks],
    settled: kept.length + finished,
    tailStart: previous.tailStart + (finished > 0 ? offsetOfLine(tail, starts[finished]) : 0),
    env,
  };
}

/** Tokens of one top-level block each. */
function groups(tokens: Token[]): Token[][] {
  const result: Token[][] = [];
  let depth = 0;
  for (const token of tokens) {
    if (depth === 0) result.push([]);
    result[result.length - 1].push(token);
    depth += token.nesting;
  }
  return result;
}

function toBlock(tokens: Token[], env: Env): Block {
  const [first] = tokens;
  if (first.type === "fence" || first.type === "code_block") {
    return { kind: "code", language: languageOf(first.info), text: first.content.replace(/\n$/, "") };
  }
  return { kind: "html", html: parser.renderer.render(tokens, parser.options, env) };
}

const countLines = (text: string) => text.split("\n").length - 1;

function offsetOfLine(text: string, line: number): number {
  let offset = 0;
  for (let i = 0; i < line; i++) offset = text.indexOf("\n", offset) + 1;
  return offset;
}
