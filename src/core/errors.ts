/** Every way an operation of webgguf can fail, by name. Messages are for people, codes are for programs. */
export const ERROR_CODES = [
  "not-gguf",
  "unsupported-version",
  "truncated",
  "malformed",
  "unsupported-architecture",
  "unsupported-quantization",
  "unsupported-tokenizer",
  "missing-metadata",
  "missing-tensor",
  "missing-part",
  "no-weights",
  "out-of-memory",
  "device-unavailable",
  "device-lost",
  "file-changed",
  "file-unreadable",
  "network",
  "context-full",
  "template",
  "invalid-argument",
  "closed",
  "busy",
  "aborted",
  "internal",
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** In the registry of symbols that all copies of this module share, whatever loaded them. */
const BRAND = Symbol.for("webgguf.error");

/**
 * The one error class of the public API.
 *
 * `message` says what was found, what was expected and what the person can do about it.
 */
export class WebggufError extends Error {
  override readonly name = "WebggufError";
  readonly [BRAND] = true;
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Whether a thrown value is a `WebggufError`, with this code if one is given. It goes by the brand, not by the class: where a
 * browser or a bundler loads this module twice there are two classes, and `instanceof` knows one of them.
 */
export function isWebggufError(error: unknown, code?: ErrorCode): error is WebggufError {
  return error instanceof Error && BRAND in error && (code === undefined || (error as WebggufError).code === code);
}

/** Throws the `aborted` error if `signal` has been raised. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new WebggufError("aborted", "The operation was stopped before it finished.");
}
