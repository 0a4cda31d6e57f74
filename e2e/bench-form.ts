import type { BenchForm } from "../src/app/bench/form.ts";

/** The panel's fields for two short tests of a model so small that it needs no file, on the CPU. */
export const SHORT: Partial<BenchForm> = {
  synthetic: [{ shape: "tiny", mix: "Q8_0" }],
  backends: ["wasm"],
  set: "custom",
  prompt: "16",
  generate: "4",
  depths: "0, 64",
  opens: 1,
  rounds: 5,
  warmups: 1,
};
