const ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}";

/**
 * Unpacks a grid: a list of small vectors whose components are digits, each standing for one of `levels`.
 *
 * Every character of `text` is a number below 81 or 64: the next four base-3 digits (three levels) or two base-8 digits
 * (eight levels), lowest first. The result holds one byte per component, signed levels as two's complement.
 */
export function unpackGrid(text: string, levels: readonly number[]): Uint8Array {
  const base = levels.length;
  const digits = base === 3 ? 4 : 2;
  const out = new Uint8Array(text.length * digits);
  for (let i = 0; i < text.length; i++) {
    let code = ALPHABET.indexOf(text[i]);
    for (let k = 0; k < digits; k++) {
      out[i * digits + k] = levels[code % base];
      code = Math.floor(code / base);
    }
  }
  return out;
}
