import { WebggufError } from "../core/errors.ts";
import { type BenchReport, SCHEMA, type Unit, WARNING_CODES } from "./types.ts";

/** Checks a value at a path; throws with both when it is something else. */
type Check = (value: unknown, path: string) => void;

const UNITS = ["tokens/s", "ms", "µs", "MB/s", "op/s", "GB/s", "GFLOP/s", "bytes"] as const satisfies readonly Unit[];

/** Most entries of any list: a file from a stranger may hold anything. */
const MOST_ENTRIES = 100_000;

function fail(path: string, expected: string, found: unknown): never {
  const what =
    found === undefined ? "nothing" : found === null || typeof found !== "object" ? JSON.stringify(found) : kind(found);
  const where = path || "the top";
  throw new WebggufError(
    "malformed",
    `This is no benchmark result: at ${where} there is ${what?.slice(0, 80)}, expected ${expected}.`,
  );
}

const kind = (value: object) => (Array.isArray(value) ? "a list" : "an object");

const text: Check = (value, path) => {
  if (typeof value !== "string") fail(path, "a text", value);
};

const flag: Check = (value, path) => {
  if (typeof value !== "boolean") fail(path, "true or false", value);
};

const number =
  (least: number, { whole = false } = {}): Check =>
  (value, path) => {
    const fits = typeof value === "number" && value >= least && Number.isFinite(value);
    if (!fits || (whole && !Number.isInteger(value))) {
      fail(path, `a ${whole ? "whole " : ""}number from ${least}`, value);
    }
  };

const amount = number(0);
const count = number(0, { whole: true });

const oneOf =
  (...allowed: readonly string[]): Check =>
  (value, path) => {
    if (!allowed.includes(value as string)) fail(path, `one of ${allowed.join(", ")}`, value);
  };

const date: Check = (value, path) => {
  if (typeof value !== "string" || Number.isNaN(Date.parse(value))) fail(path, "a date", value);
};

const list =
  (entry: Check): Check =>
  (value, path) => {
    if (!Array.isArray(value)) fail(path, "a list", value);
    if (value.length > MOST_ENTRIES) fail(path, `at most ${MOST_ENTRIES} entries`, value.length);
    for (const [index, one] of value.entries()) entry(one, `${path}[${index}]`);
  };

const record =
  (entry: Check): Check =>
  (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) fail(path, "an object", value);
    for (const [key, one] of Object.entries(value)) entry(one, `${path}.${key}`);
  };

/** An object with these fields; names ending in "?" may be missing, others may not be there. */
const object = (fields: Readonly<Record<string, Check>>): Check => {
  const known = new Map(Object.entries(fields).map(([name, check]) => [name.replace("?", ""), check]));
  return (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) fail(path, "an object", value);
    for (const [name, check] of Object.entries(fields)) {
      const key = name.replace("?", "");
      const one = (value as Record<string, unknown>)[key];
      if (one !== undefined || key === name) check(one, path ? `${path}.${key}` : key);
    }
    for (const key of Object.keys(value)) {
      if (!known.has(key)) fail(path ? `${path}.${key}` : key, "no field of this name", (value as never)[key]);
    }
  };
};

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
export function parseReport(json: string): BenchReport {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new WebggufError(
      "malformed",
      "This is no benchmark result: it is not JSON. Choose a file that was exported here.",
      { cause },
    );
  }
  return checkReport(value);
}
