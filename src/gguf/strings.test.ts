import { expect, it } from "vitest";
import { Random } from "../synthetic/random.ts";
import { decodeUtf8 } from "./strings.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

it("short strings are decoded as TextDecoder does, malformed ones too", () => {
  const random = new Random(3);
  // Lead bytes, continuation bytes and ASCII in about equal parts, so that many sequences are valid and many nearly so.
  const interesting = [0x00, 0x41, 0x7f, 0x80, 0x8f, 0xa0, 0xbf, 0xc0, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xff];
  for (let round = 0; round < 100_000; round++) {
    const bytes = Uint8Array.from({ length: random.below(6) }, () => interesting[random.below(16)]);
    const expected = decoder.decode(bytes);
    if (decodeUtf8(bytes, 0, bytes.length) !== expected) expect([...bytes]).toBe(expected);
  }
});

it.each(["", "plain", "naïve", "東京", "a🙂b", "\uFEFFmark", "x".repeat(500), "é".repeat(24), "é".repeat(25)])(
  "%j comes back from its bytes",
  (text) => {
    const bytes = new TextEncoder().encode(`<${text}>`);
    expect(decodeUtf8(bytes, 1, bytes.length - 1)).toBe(text);
  },
);
