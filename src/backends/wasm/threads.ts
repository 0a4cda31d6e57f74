import { WebggufError } from "../../core/errors.ts";
import { nodeModule } from "./features.ts";
import type { Build } from "./module.ts";

/** The little of a worker that is the same in browsers and in Node. */
export interface Thread {
  postMessage(message: unknown): void;
  terminate(): unknown;
}

/** Helper threads 1 … n of a plan, all walking its program. */
export class Threads {
  readonly #threads: Thread[] = [];

  /**
   * One thread for each of `stacks`, the address of its top; thread 0 is the caller. Resolves when every thread serves; throws
   * `device-unavailable` if one cannot be started.
   */
  async start({ module, wide }: Build, memory: WebAssembly.Memory, stacks: readonly number[]): Promise<void> {
    await Promise.all(
      stacks.map(async (top, i) => {
        const { thread, message } = newThread(new URL("./thread.js", import.meta.url), "webgguf-cpu");
        this.#threads.push(thread);
        const stack = wide ? BigInt(top) : top;
        thread.postMessage({ module, memory, index: i + 1, stack, timeOrigin: performance.timeOrigin });
        await message.catch((cause: Error) => {
          throw new WebggufError(
            "device-unavailable",
            `Thread ${i + 1} could not be started: ${cause.message}. Try with one thread.`,
            { cause },
          );
        });
      }),
    );
  }

  close(): void {
    for (const thread of this.#threads.splice(0)) thread.terminate();
  }
}

interface NodeWorker extends Thread {
  once(event: "message" | "error", handler: (value: unknown) => void): void;
  unref(): void;
}

/** Starts a thread; `message` is the first that it sends. Its script stands alone: it is the same file in browsers and in Node. */
export function newThread(script: URL, name: string): { thread: Thread; message: Promise<unknown> } {
  const node = nodeModule<{ Worker: new (url: URL, options: { execArgv: string[] }) => NodeWorker }>(
    "node:worker_threads",
  );
  if (node && typeof Worker === "undefined") {
    const worker = new node.Worker(script, { execArgv: [] });
    const message = new Promise<unknown>((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", (error) => reject(new Error(String(error))));
    });
    // It keeps no program alive that has nothing else to do.
    message.finally(() => worker.unref()).catch(() => {});
    return { thread: worker, message };
  }
  const worker = new Worker(script, { type: "module", name });
  const message = new Promise<unknown>((resolve, reject) => {
    worker.addEventListener("message", ({ data }) => resolve(data), { once: true });
    worker.addEventListener("error", (event) => reject(new Error(event.message || "the script did not load")), {
      once: true,
    });
  });
  return { thread: worker, message };
}
