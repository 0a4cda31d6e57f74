/** Uniform 32-bit numbers from a seed (the mulberry32 generator). */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** Gives prompts of random token ids below `vocabularySize`; each begins with another token than the one before. */
export function randomPrompts(seed: number, vocabularySize: number): (length: number) => number[] {
  const next = mulberry32(seed);
  let lastFirst = -1;
  return (length) => {
    const prompt = Array.from({ length }, () => next() % vocabularySize);
    if (prompt[0] === lastFirst) prompt[0] = (prompt[0] + 1) % vocabularySize;
    lastFirst = prompt[0];
    return prompt;
  };
}
