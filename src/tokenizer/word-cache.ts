/** Tokens of words met before. Texts repeat their words; long ones are rare and not kept. */
export class WordCache {
  private readonly words = new Map<string, readonly number[]>();

  get(word: string): readonly number[] | undefined {
    return this.words.get(word);
  }

  set(word: string, tokens: readonly number[]): readonly number[] {
    if (word.length > 64) return tokens;
    if (this.words.size >= 32768) this.words.clear();
    // A word cut from a text shares its memory; a copy lets the text go.
    this.words.set(word.split("").join(""), tokens);
    return tokens;
  }
}
