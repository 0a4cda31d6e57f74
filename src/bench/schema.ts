import {
  amount,
  type Check,
  count,
  date,
  flag,
  list,
  number,
  object,
  oneOf,
  parseChecked,
  record,
  text,
} from "./checks.ts";
import { type BenchReport, SCHEMA, type Unit, WARNING_CODES } from "./types.ts";

const UNITS = ["tokens/s", "ms", "µs", "MB/s", "op/s", "GB/s", "GFLOP/s", "bytes"] as const satisfies readonly Unit[];

const machine = object({
  browser: text,
  system: text,
  "cpu?": text,
  logicalProcessors: count,
  "memoryGigabytes?": amount,
  isolated: flag,
  "gpu?": object({ adapter: text, fallback: flag, features: list(text), limits: record(amount) }),
  "power?": object({ charging: flag, level: amount }),
});

const kernel: Check = (value, path) => {
  const sizes = ["width", "out", "tokens", "heads", "kvHeads", "headSize", "context", "feedForward"];
  object({
    kernel: oneOf("matmul", "embed", "attention", "rope", "rms_norm", "glu", "add", "layer"),
    "dtype?": text,
    ...Object.fromEntries(sizes.map((name) => [`${name}?`, count])),
  })(value, path);
};

const test = object({
  id: text,
  unit: oneOf(...UNITS),
  samples: list(amount),
  warmups: count,
  "samplesPerOpening?": number(1, { whole: true }),
  "bytes?": amount,
  "operations?": amount,
  "kernel?": kernel,
});

const run = object({
  kind: oneOf("model", "kernels", "sampling", "page"),
  subject: text,
  "type?": text,
  backend: oneOf("webgpu", "wasm", "reference", "none"),
  device: text,
  threads: count,
  "synthetic?": flag,
  "fileBytes?": count,
  "parameterCount?": count,
  "contextLength?": count,
  "memoryBytes?": object({ weights: amount, kv: amount, scratch: amount, "heap?": amount, "peak?": amount }),
  tests: list(test),
  skipped: list(text),
  notes: list(text),
  "error?": text,
});

const report = object({
  schema: oneOf(SCHEMA),
  name: text,
  date,
  build: object({ version: text, "commit?": text }),
  machine,
  plan: object({ set: oneOf("quick", "full", "custom"), opens: count, rounds: count, warmups: count }),
  "command?": text,
  "turns?": text,
  runs: list(run),
  warnings: list(object({ code: oneOf(...WARNING_CODES), message: text })),
});

/** The value as a report. Throws `malformed`, naming the path, what is there and what was expected. */
export function checkReport(value: unknown): BenchReport {
  report(value, "");
  return value as BenchReport;
}

/** As `checkReport`, from JSON. */
export const parseReport = (json: string): BenchReport => parseChecked(json, report) as BenchReport;
