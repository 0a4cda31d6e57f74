import * as Comlink from "comlink";
import { makeWorkersFor } from "./page-workers.ts";
import type { CpuTests } from "./worker.ts";

declare global {
  interface Window {
    /** What e2e/cpu.spec.ts calls. It runs in a worker, as the engine does. */
    cpuTests: Comlink.Remote<CpuTests>;
  }
}

const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
makeWorkersFor(worker);
window.cpuTests = Comlink.wrap<CpuTests>(worker);
