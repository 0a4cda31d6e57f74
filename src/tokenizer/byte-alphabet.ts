/**
 * GPT-2's alphabet: each byte is written as one visible character, so that tokens are printable text. Bytes that are
 * visible in Latin-1 stand for themselves, the other 68 take U+0100 and up, in order.
 */
const codePointOf = new Uint16Array(256);
const byteOf = new Int16Array(0x144).fill(-1);
{
  let next = 0x100;
  for (let byte = 0; byte < 256; byte++) {
    const visible = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
    codePointOf[byte] = visible ? byte : next++;
    byteOf[codePointOf[byte]] = byte;
  }
}

/** Writes the alphabet's UTF-8 form of `source` to `target`, which has room for twice as many bytes; returns the end. */
export function toAlphabet(source: Uint8Array, length: number, target: Uint8Array): number {
  let at = 0;
  for (let i = 0; i < length; i++) {
    const codePoint = codePointOf[source[i]];
    if (codePoint < 0x80) target[at++] = codePoint;
    else {
      target[at++] = 0xc0 | (codePoint >> 6);
      target[at++] = 0x80 | (codePoint & 0x3f);
    }
  }
  return at;
}

/** The bytes that a token spelled in the alphabet (as UTF-8) stands for; undefined when it has other characters. */
export function fromAlphabet(spelled: Uint8Array): Uint8Array | undefined {
  const bytes = new Uint8Array(spelled.length);
  let length = 0;
  for (let i = 0; i < spelled.length; i++) {
    let codePoint = spelled[i];
    if (codePoint >= 0x80) {
      if ((codePoint & 0xe0) !== 0xc0 || i + 1 === spelled.length) return undefined;
      codePoint = ((codePoint & 0x1f) << 6) | (spelled[++i] & 0x3f);
    }
    const byte = codePoint < byteOf.length ? byteOf[codePoint] : -1;
    if (byte < 0) return undefined;
    bytes[length++] = byte;
  }
  return bytes.subarray(0, length);
}
