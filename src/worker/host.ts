import * as Comlink from "comlink";
import { get, set } from "idb-keyval";
import type { Model, Webgguf } from "../core/api.ts";
import { isWebggufError, WebggufError } from "../core/errors.ts";
import { createEngine } from "../engine/index.ts";
import type { CallRequest, Emit, Host, ModelHandle, Outcome, Target } from "./protocol.ts";

/** The far side of the client: calls the engine and its models by name. */
export function createHost(engine: Webgguf): Host {
  const targets = new Map<Target, object>([[0, engine]]);
  const running = new Map<number, AbortController>();
  let lastTarget = 0;

  const invoke = async (request: CallRequest, outbox: Outbox | undefined, signal: AbortSignal): Promise<unknown> => {
    const { target, method, args, options } = request;
    const object = targets.get(target);
    if (!object) throw new WebggufError("closed", "This model has been closed. Open the file again.");
    const onProgress = outbox && ((report: unknown) => void outbox.put(report));
    const result = methodOf(object, method)(...args, { ...options, signal, onProgress });
    if (isStream(result)) {
      for await (const piece of result) await outbox?.put(piece);
      return undefined;
    }
    const value = await result;
    if (target === 0 && method === "open") {
      targets.set(++lastTarget, value as Model);
      return { target: lastTarget, info: (value as Model).info } satisfies ModelHandle;
    }
    if (method === "close") targets.delete(target);
    return value;
  };

  return {
    async call(request, emit) {
      const controller = new AbortController();
      running.set(request.id, controller);
      const outbox = emit && new Outbox(emit, controller.signal);
      const outcome = await invoke(request, outbox, controller.signal).then(success, failure);
      // What was emitted travels by a channel of its own and must not arrive after the outcome.
      await outbox?.empty();
      running.delete(request.id);
      if (emit) (emit as Comlink.Remote<Emit>)[Comlink.releaseProxy]();
      return outcome;
    },
    abort: (id) => running.get(id)?.abort(),
    lifeLock: holdLock,
  };
}

function methodOf(object: object, name: string): (...args: unknown[]) => unknown {
  const method: unknown = Reflect.get(object, name);
  if (typeof method !== "function") throw new WebggufError("internal", `There is no method ${name}.`);
  return method.bind(object);
}

function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

function success(value: unknown): Outcome {
  const rows = Array.isArray(value) ? value.filter((row) => row instanceof Float32Array) : [];
  return Comlink.transfer({ ok: true, value }, [...new Set(rows.map((row) => row.buffer))]);
}

function failure(error: unknown): Outcome {
  if (isWebggufError(error)) return { ok: false, code: error.code, message: error.message };
  const isMemory = error instanceof RangeError && /memory|allocat|array length/i.test(error.message);
  return { ok: false, code: isMemory ? "out-of-memory" : "internal", message: String(error) };
}

/** Batches on their way that the page has not taken yet. */
const MOST_IN_FLIGHT = 4;
/** Values that may wait for a batch before their maker has to wait. */
const MOST_WAITING = 64;

/**
 * Sends values as they come. While the page is slow they are collected into larger batches, and in the end whoever
 * makes them waits.
 */
class Outbox {
  readonly #emit: Emit;
  readonly #signal: AbortSignal;
  #waiting: unknown[] = [];
  #inFlight = 0;
  #watchers: (() => void)[] = [];

  constructor(emit: Emit, signal: AbortSignal) {
    this.#emit = emit;
    this.#signal = signal;
    signal.addEventListener("abort", () => this.#notify());
  }

  /** Resolves when there is room for another value, or when the call is stopped. */
  async put(value: unknown): Promise<void> {
    this.#waiting.push(value);
    this.#send();
    while (this.#waiting.length >= MOST_WAITING && !this.#signal.aborted) await this.#change();
  }

  /** Resolves when everything has been taken, or when the call is stopped. */
  async empty(): Promise<void> {
    while (this.#inFlight > 0 && !this.#signal.aborted) await this.#change();
  }

  #send(): void {
    if (this.#waiting.length === 0 || this.#inFlight === MOST_IN_FLIGHT) return;
    const batch = this.#waiting;
    this.#waiting = [];
    this.#inFlight++;
    const taken = () => {
      this.#inFlight--;
      this.#send();
      this.#notify();
    };
    this.#emit(batch).then(taken, taken);
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#watchers.push(resolve));
  }

  #notify(): void {
    const watchers = this.#watchers;
    this.#watchers = [];
    for (const watcher of watchers) watcher();
  }
}

/** IndexedDB, and for browsers that allow none this worker's own memory. */
function storeOfBrowser() {
  const own = new Map<string, unknown>();
  return {
    get: async (key: string) => own.get(key) ?? (await get<unknown>(key)),
    set: async (key: string, value: unknown) => {
      own.set(key, value);
      await set(key, value);
    },
  };
}

/** Holds a lock as long as this thread lives; its name, or undefined where the browser has or gives no locks. */
function holdLock(): Promise<string | undefined> {
  const locks = globalThis.navigator?.locks;
  if (!locks) return Promise.resolve(undefined);
  const name = `webgguf-worker-${crypto.randomUUID()}`;
  return new Promise((resolve) => {
    const forever = () => {
      resolve(name);
      return new Promise<never>(() => {});
    };
    locks.request(name, forever).catch(() => resolve(undefined));
  });
}

if ("DedicatedWorkerGlobalScope" in globalThis) {
  Comlink.expose(createHost(createEngine({ store: storeOfBrowser() })), globalThis as unknown as Comlink.Endpoint);
}
