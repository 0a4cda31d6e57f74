import * as Comlink from "comlink";
import type {
  KernelBenchResult,
  Model,
  ModelPart,
  ModelSource,
  Piece,
  SamplingBenchResult,
  Webgguf,
} from "../core/api.ts";
import { throwIfAborted, WebggufError } from "../core/errors.ts";
import type { Emit, Host, ModelHandle, Outcome, Target } from "./protocol.ts";

/** A way to a worker that runs `host.ts`. */
export interface Connection {
  readonly endpoint: Comlink.Endpoint;
  /** Calls `report`, once at most, when the worker is found dead. */
  onDeath(report: (reason: string) => void): void;
  /** Ends the worker, whatever it is doing. */
  terminate(): void;
}

/** The methods of a model that give a promise, with the number of arguments ahead of the options. */
const CALLS = {
  metadata: 0,
  tensors: 0,
  tokenize: 1,
  detokenize: 1,
  logits: 1,
  embed: 1,
  bench: 0,
  benchTokenizer: 0,
  profile: 0,
  stats: 0,
  close: 0,
} as const satisfies Record<Exclude<keyof Model, keyof typeof STREAMS | "info">, number>;

/** The methods of a model that give pieces, likewise. */
const STREAMS = { generate: 1, chat: 1 } as const;

/** Pieces that may wait on the page before the worker is told to wait. */
const QUEUE_LIMIT = 256;

/**
 * The public API over workers that `connect` starts: one at once, and one when another has ended with its last model, so that
 * a file finds it ready; after a death, one when it is needed.
 */
export function createClient(connect: () => Connection): Webgguf {
  const start = () =>
    new Link(connect(), () => {
      link = start();
    });
  let link = start();
  const live = () => {
    if (!link.alive) link = start();
    return link;
  };
  return {
    async open(source, options) {
      const owner = live();
      const handle = (await owner.call(0, "open", [absolute(source)], options)) as ModelHandle;
      const model = remoteModel(owner, handle);
      if (options?.signal?.aborted) {
        // Raised too late for the worker to notice.
        await model.close();
        throwIfAborted(options.signal);
      }
      return model;
    },
    renderTemplate: (template, options) => live().call(0, "renderTemplate", [template], options) as Promise<string>,
    benchKernels: (specs, options) => live().call(0, "benchKernels", [specs], options) as Promise<KernelBenchResult>,
    benchSampling: (options) => live().call(0, "benchSampling", [], options) as Promise<SamplingBenchResult>,
  };
}

interface Options {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: never) => void;
}

/** One worker, the models open in it, and the calls that wait for it. */
class Link {
  alive = true;
  /** Why it is not alive. */
  #end = new WebggufError("closed", "This model has been closed. Open the file again.");
  #models = 0;
  readonly #connection: Connection;
  readonly #host: Comlink.Remote<Host>;
  readonly #waiting = new Map<number, (error: WebggufError) => void>();
  readonly #retired: () => void;
  #lastId = 0;

  constructor(connection: Connection, retired: () => void) {
    this.#connection = connection;
    this.#retired = retired;
    this.#host = Comlink.wrap<Host>(connection.endpoint);
    connection.onDeath((reason) => this.#die(reason));
    this.#host.lifeLock().then((name) => {
      // The lock becomes free when the worker's thread ends, for whatever reason; no event tells that.
      if (name) navigator.locks.request(name, () => this.#die("its thread ended")).catch(() => {});
    });
  }

  /** Calls a method over there. Rejects with what it threw, with `aborted`, or when the worker dies. */
  async call(target: Target, method: string, args: unknown[], options: object = {}, emit?: Emit): Promise<unknown> {
    if (!this.alive) {
      if (method === "close") return undefined;
      throw this.#end;
    }
    const { signal, onProgress, ...rest } = options as Options;
    throwIfAborted(signal);
    const id = ++this.#lastId;
    const receive = emit ?? (onProgress && reportTo(onProgress));
    const request = { id, target, method, args, options: rest };
    const abort = () => void this.#host.abort(id);
    signal?.addEventListener("abort", abort);
    try {
      const outcome = await new Promise<Outcome>((resolve, reject) => {
        this.#waiting.set(id, reject);
        this.#host.call(request, receive && Comlink.proxy(receive)).then(resolve, (cause) => {
          const message = `The arguments of ${method} cannot be sent to the worker: ${cause}`;
          reject(new WebggufError("invalid-argument", message, { cause }));
        });
      });
      if (!outcome.ok) throw new WebggufError(outcome.code, outcome.message);
      if (method === "open") this.#models++;
      if (method === "close") this.#models--;
      return outcome.value;
    } finally {
      this.#waiting.delete(id);
      signal?.removeEventListener("abort", abort);
      if (method === "close") this.#retire();
    }
  }

  /** Calls a method over there that yields pieces; leaving the iteration stops it and waits until it has stopped. */
  async *stream(target: Target, method: string, args: unknown[], options: Options = {}): AsyncGenerator<Piece> {
    const queue: Piece[] = [];
    let wake = () => {};
    let senders: (() => void)[] = [];
    let ended = false;
    const makeRoom = () => {
      for (const resume of senders) resume();
      senders = [];
    };
    const emit: Emit = async (pieces) => {
      queue.push(...(pieces as Piece[]));
      wake();
      if (queue.length > QUEUE_LIMIT) await new Promise<void>((resolve) => senders.push(resolve));
    };
    const stop = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
    const call = this.call(target, method, args, { ...options, signal }, emit).finally(() => {
      ended = true;
      wake();
    });
    call.catch(() => {});
    try {
      while (true) {
        for (let piece = queue.shift(); piece; piece = queue.shift()) yield piece;
        makeRoom();
        if (ended) break;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      await call;
    } finally {
      stop.abort();
      makeRoom();
      await call.catch(() => {});
    }
  }

  /** A worker without models ends: nothing else is as sure to give all of its memory back. */
  #retire(): void {
    if (!this.alive || this.#models > 0 || this.#waiting.size > 0) return;
    this.alive = false;
    this.#connection.terminate();
    this.#retired();
  }

  #die(reason: string): void {
    if (!this.alive) return;
    this.alive = false;
    this.#connection.terminate();
    this.#end = new WebggufError(
      "device-lost",
      `The worker that runs the engine is gone (${reason}); it may have run out of memory. Open the model again.`,
    );
    for (const reject of this.#waiting.values()) reject(this.#end);
    this.#waiting.clear();
  }
}

function reportTo(onProgress: (progress: never) => void): Emit {
  return async (reports) => {
    for (const report of reports) onProgress(report as never);
  };
}

function remoteModel(link: Link, { target, info }: ModelHandle): Model {
  const methods: [string, unknown][] = [
    ...Object.entries(CALLS).map(([name, count]): [string, unknown] => [
      name,
      (...all: unknown[]) => link.call(target, name, all.slice(0, count), all[count] as Options),
    ]),
    ...Object.entries(STREAMS).map(([name, count]): [string, unknown] => [
      name,
      (...all: unknown[]) => link.stream(target, name, all.slice(0, count), all[count] as Options),
    ]),
  ];
  return { info, ...Object.fromEntries(methods) } as unknown as Model;
}

/** Relative addresses mean the page's, not the worker script's. */
function absolute(source: ModelSource): ModelSource {
  const part = (one: ModelPart) =>
    typeof one === "string" && typeof document !== "undefined" ? new URL(one, document.baseURI).href : one;
  return Array.isArray(source) ? source.map(part) : part(source as ModelPart);
}
