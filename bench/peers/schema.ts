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
} from "../../src/bench/checks.ts";
import { ENGINES, PRODUCT_TYPES, type Report } from "./types.ts";

const whole = number(1, { whole: true });

const setting: Check = (value, path) => {
  if (typeof value === "boolean") flag(value, path);
  else if (typeof value === "number") number(Number.NEGATIVE_INFINITY)(value, path);
  else text(value, path);
};

/** A round of one of these engines, with what it measured or why it did not. */
const round = (engines: readonly string[], measurement: Check): Check =>
  object({ round: whole, engine: oneOf(...engines), "measurement?": measurement, "error?": text, loadBefore: amount });

const samples = list(amount);
const measured = object({
  version: text,
  threads: whole,
  settings: record(setting),
  prefill: samples,
  decode: samples,
  firstToken: samples,
  pageDecode: samples,
});

const timing = object({ type: oneOf(...PRODUCT_TYPES), tokens: whole, microseconds: number(Number.MIN_VALUE) });
const products = object({
  width: whole,
  out: whole,
  rounds: list(round(["webgguf", "native"], object({ version: text, threads: whole, timings: list(timing) }))),
});

const report = object({
  date,
  machine: object({ cpu: text, cores: whole, system: text, browser: text }),
  task: object({
    promptTokens: whole,
    generateTokens: whole,
    repetitions: whole,
    threads: whole,
    contextLength: whole,
    seed: count,
  }),
  files: list(object({ file: text, bytes: count, rounds: list(round(ENGINES, measured)) })),
  "products?": products,
});

/** The contents of peers.json. Throws `malformed`, naming the path, what is there and what was expected. */
export const parsePeers = (json: string): Report => parseChecked(json, report) as Report;
