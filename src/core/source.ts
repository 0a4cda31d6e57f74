/**
 * Bytes that can be read by range: a file, a blob, a response body, a URL with range requests.
 * `storage/` makes them, `gguf/` and the backends read from them.
 */
export interface ByteSource {
  /** File name, for messages and for the order of split files. */
  readonly name: string;
  /** Length in bytes. */
  readonly size: number;
  /**
   * Reads exactly `length` bytes from `offset`.
   * Throws `truncated` past the end, `file-changed` when the file is no longer the one that was opened,
   * `file-unreadable` or `network` when it cannot be read, `aborted` on the signal.
   */
  read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * The same bytes in a row, in pieces as they come; throws the same. There where long stretches come faster so: browsers take half a
   * millisecond for each `read` of a file.
   */
  pieces?(offset: number, length: number, signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

/** Where one tensor lies. */
export interface TensorInfo {
  readonly name: string;
  readonly dtype: import("./dtype.ts").DType;
  /** Dimensions in ggml's order: `shape[0]` is the length of a row (contiguous), missing ones are 1. */
  readonly shape: readonly number[];
  /** Which part of a split model holds it. */
  readonly source: ByteSource;
  /** Absolute byte offset in `source`. */
  readonly offset: number;
  readonly byteLength: number;
}
