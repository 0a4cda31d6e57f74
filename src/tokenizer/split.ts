import type { PreTokenizer } from "./pre-tokenizers.ts";

/**
 * Turns a published split expression into a JavaScript one. Three things differ: \s is Unicode's White_Space there (in
 * JavaScript it has U+FEFF and lacks U+0085), \d is any decimal digit, and (?i:…) is not understood by every browser.
 * Under (?i:…) an s is also a long s (U+017F).
 */
function compile(expression: string): RegExp {
  const classes: Record<string, string> = { s: "\\p{White_Space}", S: "\\P{White_Space}", d: "\\p{Nd}" };
  const source = expression
    .replace(/\(\?i:([^)]*)\)/g, (_, group: string) => `(?:${group.replace(/[a-z]/g, anyCase)})`)
    .replace(/\\([\s\S])/g, (pair, letter: string) => classes[letter] ?? pair);
  return new RegExp(source, "gu");
}

function anyCase(letter: string): string {
  return `[${letter}${letter.toUpperCase()}${letter === "s" ? "\u017f" : ""}]`;
}

/** Cuts texts into the words that are merged each on its own. The words joined are the (normalised) text. */
export class Splitter {
  private readonly expressions: readonly RegExp[];
  private readonly normalize: PreTokenizer["normalize"];

  constructor(preTokenizer: PreTokenizer) {
    this.expressions = preTokenizer.split.map(compile);
    this.normalize = preTokenizer.normalize;
  }

  split(text: string): string[] {
    let pieces = [this.normalize ? text.normalize(this.normalize) : text];
    for (const expression of this.expressions) {
      const finer: string[] = [];
      for (const piece of pieces) splitPiece(piece, expression, finer);
      pieces = finer;
    }
    return pieces;
  }
}

function splitPiece(piece: string, expression: RegExp, output: string[]): void {
  let at = 0;
  expression.lastIndex = 0;
  for (let match = expression.exec(piece); match; match = expression.exec(piece)) {
    if (match.index > at) output.push(piece.slice(at, match.index));
    output.push(match[0]);
    at = expression.lastIndex;
  }
  if (at < piece.length) output.push(at === 0 ? piece : piece.slice(at));
}
