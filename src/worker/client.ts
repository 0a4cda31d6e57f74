import type { Webgguf } from "../core/api.ts";
import { createClient } from "./remote.ts";

/** The engine in a worker of this page. */
export const webgguf: Webgguf = createClient(() => {
  const worker = new Worker(new URL("./host.ts", import.meta.url), { type: "module" });
  return {
    endpoint: worker,
    onDeath: (report) =>
      worker.addEventListener("error", (event) => report(event.message || "it could not be started")),
    terminate: () => worker.terminate(),
  };
});
