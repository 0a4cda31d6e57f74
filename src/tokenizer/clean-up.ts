/**
 * Drops spaces before `? ! . ,`, around a lone apostrophe, and before 's 'm 're 've, in this order: what
 * `clean_up_tokenization_spaces` means in llama.cpp.
 */
export function cleanUpSpaces(text: string): string {
  if (!text.includes(" ")) return text;
  return text
    .replace(/ ([?!.,])/g, "$1")
    .replace(/ ' /g, "'")
    .replace(/ '(s|m|re|ve)/g, "'$1");
}

/**
 * How much of the text can be cleaned and shown before more is known. Each rule begins with a space and removes nothing
 * but spaces, so none reaches across a character that is neither space, apostrophe, nor the r of 're or v of 've.
 */
export function settledLength(text: string): number {
  let at = text.length;
  if (at > 1 && (text[at - 1] === "r" || text[at - 1] === "v")) at--;
  const letter = at < text.length;
  while (at > 0 && (text[at - 1] === " " || text[at - 1] === "'")) at--;
  return letter && at === text.length - 1 ? text.length : at;
}
