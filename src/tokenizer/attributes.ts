import type { TokenType } from "./types.ts";

/** What is known about a token, as bits: corrections by text add to what the file says. */
export const NORMAL = 1;
export const UNKNOWN = 2;
export const CONTROL = 4;
export const USER_DEFINED = 8;
export const UNUSED = 16;
export const BYTE = 32;
/** White space before / after the token belongs to it when special tokens are cut out of a text. */
export const STRIPS_LEFT = 64;
export const STRIPS_RIGHT = 128;

/** `tokenizer.ggml.token_type` 0 … 6 (0: undefined). */
const BY_NUMBER = [0, NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE];

export function attributesOf(types: ArrayLike<number> | undefined, count: number): Uint8Array {
  const attributes = new Uint8Array(count).fill(NORMAL);
  if (types) for (let id = 0; id < count; id++) attributes[id] = BY_NUMBER[types[id]] ?? 0;
  return attributes;
}

export function typeOf(attributes: number): TokenType {
  if (attributes & CONTROL) return "control";
  if (attributes & USER_DEFINED) return "user-defined";
  if (attributes & UNKNOWN) return "unknown";
  if (attributes & BYTE) return "byte";
  if (attributes & UNUSED) return "unused";
  return attributes & NORMAL ? "normal" : "undefined";
}
