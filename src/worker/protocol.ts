import type { ModelInfo } from "../core/api.ts";
import type { ErrorCode } from "../core/errors.ts";

/**
 * What crosses the boundary between the page and the engine's worker. There is one kind of call, whatever the method:
 * client and host both treat methods as names, so that a method is spelled in `core/api.ts` and in the client's table only.
 */
export interface Host {
  /**
   * Calls `method` of `target`, with `options` as its last argument; the host adds a signal and `onProgress` to them.
   * `emit` is given the pieces of a stream, or the reports of progress, in the order in which they came.
   */
  call(request: CallRequest, emit?: Emit): Promise<Outcome>;
  /** Raises the signal of a call that is under way; does nothing when it has ended. */
  abort(id: number): void;
  /** The name of a lock that the worker holds as long as it lives, where the browser has locks. */
  lifeLock(): Promise<string | undefined>;
}

export interface CallRequest {
  /** Chosen by the client, never used twice. */
  readonly id: number;
  readonly target: Target;
  readonly method: string;
  /** The arguments ahead of the options. */
  readonly args: readonly unknown[];
  readonly options: object;
}

/** 0 is the engine itself, any other number an open model. */
export type Target = number;

/** Resolves when the receiver has room for more. */
export type Emit = (values: readonly unknown[]) => Promise<void>;

/** Errors travel as data, so that their class and code arrive. */
export type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string };

/** What stands for a model on the page's side. */
export interface ModelHandle {
  readonly target: Target;
  readonly info: ModelInfo;
}
