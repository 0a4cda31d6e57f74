import { WebggufError } from "../../core/errors.ts";
import { nodeModule } from "./features.ts";
import type { Build } from "./module.ts";

/** The little of a worker that is the same in browsers and in Node. */
interface Thread {
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
      stacks.map(
        (top, i) =>
          new Promise<void>((resolve, reject) => {
            const thread = newThread(resolve, (reason) =>
              reject(
                new WebggufError(
                  "device-unavailable",
                  `Thread ${i + 1} could not be started: ${reason}. Try with one thread.`,
                ),
              ),
            );
            this.#threads.push(thread);
            const stack = wide ? BigInt(top) : top;
            thread.postMessage({ module, memory, index: i + 1, stack, timeOrigin: performance.timeOrigin });
          }),
      ),
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

function newThread(ready: () => void, failed: (reason: string) => void): Thread {
  const node = nodeModule<{ Worker: new (url: URL, options: { execArgv: string[] }) => NodeWorker }>(
    "node:worker_threads",
  );
  if (node && typeof Worker === "undefined") {
    const worker = new node.Worker(new URL("./thread.js", import.meta.url), { execArgv: [] });
    worker.once("message", () => {
      worker.unref();
      ready();
    });
    worker.once("error", (error) => failed(String(error)));
    return worker;
  }
  const worker = new Worker(new URL("./thread.js", import.meta.url), { type: "module", name: "webgguf-cpu" });
  worker.addEventListener("message", ready, { once: true });
  worker.addEventListener("error", (event) => failed(event.message || "the script did not load"), { once: true });
  return worker;
}
