import type { ErrorCode } from "../core/errors.ts";
import type { Mix } from "./mixes.ts";
import type { ShapeName } from "./shapes.ts";

/** The folder of the origin's private file system. */
export const FOLDER = "synthetic";

/** The beginning of every finished file. */
export const MAGIC = "GGUF";

export interface WriteProgress {
  readonly writtenBytes: number;
  readonly totalBytes: number;
}

export interface WriteOptions {
  readonly onProgress?: (progress: WriteProgress) => void;
  readonly signal?: AbortSignal;
}

/** What the page asks of the worker; `cancel` may follow. */
export type Request = MakeRequest | { readonly type: "cancel" };

export interface MakeRequest {
  readonly type: "make";
  readonly shape: ShapeName;
  readonly mix: Mix;
  /** Name of the file in the private file system; without it the file is made in memory. */
  readonly name?: string;
}

export type Reply =
  | { readonly type: "progress"; readonly progress: WriteProgress }
  /** With the file, where it is in memory. */
  | { readonly type: "done"; readonly blob?: Blob }
  | { readonly type: "failed"; readonly code: ErrorCode; readonly message: string };
