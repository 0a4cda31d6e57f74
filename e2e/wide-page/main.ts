import type { CaseResult } from "./worker.ts";

/** What e2e/wide.spec.ts calls: the op cases on a build with 64-bit addresses, in a worker as in the product. */
const wideTests = {
  run: (build: "relaxed64" | "relaxed64-threads") =>
    new Promise<CaseResult[]>((resolve, reject) => {
      const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
      worker.onmessage = ({ data }) => ("error" in data ? reject(new Error(data.error)) : resolve(data.results));
      worker.onerror = (event) => reject(new Error(event.message));
      worker.postMessage(build);
    }),
};

export type WideTests = typeof wideTests;
Object.assign(window, { wideTests });
