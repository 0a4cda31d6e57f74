import { WebggufError } from "../core/errors.ts";

/** One holder at a time: a model does one generation, evaluation or benchmark at once. */
export class Lease {
  #holder: Holder | undefined;
  #closed = false;

  get closed(): boolean {
    return this.#closed;
  }

  /** Throws `closed` after `close`, `busy` while another holds the lease. The holder's signal is raised by `close`. */
  acquire(signal?: AbortSignal): Holder {
    this.assertOpen();
    if (this.#holder) {
      throw new WebggufError(
        "busy",
        "This model is busy with another call. Wait for it to end, or stop it with its signal, then try again.",
      );
    }
    const holder = new Holder(signal, () => {
      if (this.#holder === holder) this.#holder = undefined;
    });
    this.#holder = holder;
    return holder;
  }

  assertOpen(): void {
    if (this.#closed) throw new WebggufError("closed", "This model has been closed. Open the file again.");
  }

  /** Nobody gets the lease any more; who has it is told to stop. */
  close(): void {
    this.#closed = true;
    this.#holder?.stop();
  }
}

/** The right to use the model, until it is released. */
export class Holder {
  readonly signal: AbortSignal;
  readonly #stop = new AbortController();
  readonly #onRelease: () => void;
  #idle = false;

  constructor(signal: AbortSignal | undefined, onRelease: () => void) {
    this.signal = signal ? AbortSignal.any([signal, this.#stop.signal]) : this.#stop.signal;
    this.#onRelease = onRelease;
    // A consumer that has raised its signal need not come back for another piece.
    this.signal.addEventListener("abort", () => this.#idle && this.release());
  }

  /** Whether the holder waits for its consumer and uses nothing. */
  set idle(idle: boolean) {
    this.#idle = idle;
    if (idle && this.signal.aborted) this.release();
  }

  release(): void {
    this.#onRelease();
  }

  stop(): void {
    this.#stop.abort();
  }
}
