import { WebggufError } from "../core/errors.ts";

/** Checks a value at a path; throws with both when it is something else. */
export type Check = (value: unknown, path: string) => void;

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

export const text: Check = (value, path) => {
  if (typeof value !== "string") fail(path, "a text", value);
};

export const flag: Check = (value, path) => {
  if (typeof value !== "boolean") fail(path, "true or false", value);
};

export const number =
  (least: number, { whole = false } = {}): Check =>
  (value, path) => {
    const fits = typeof value === "number" && value >= least && Number.isFinite(value);
    if (!fits || (whole && !Number.isInteger(value))) {
      fail(path, `a ${whole ? "whole " : ""}number from ${least}`, value);
    }
  };

export const amount = number(0);
export const count = number(0, { whole: true });

export const oneOf =
  (...allowed: readonly string[]): Check =>
  (value, path) => {
    if (!allowed.includes(value as string)) fail(path, `one of ${allowed.join(", ")}`, value);
  };

export const date: Check = (value, path) => {
  if (typeof value !== "string" || Number.isNaN(Date.parse(value))) fail(path, "a date", value);
};

export const list =
  (entry: Check): Check =>
  (value, path) => {
    if (!Array.isArray(value)) fail(path, "a list", value);
    if (value.length > MOST_ENTRIES) fail(path, `at most ${MOST_ENTRIES} entries`, value.length);
    for (const [index, one] of value.entries()) entry(one, `${path}[${index}]`);
  };

export const record =
  (entry: Check): Check =>
  (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) fail(path, "an object", value);
    for (const [key, one] of Object.entries(value)) entry(one, `${path}.${key}`);
  };

/** An object with these fields; names ending in "?" may be missing, others may not be there. */
export const object = (fields: Readonly<Record<string, Check>>): Check => {
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

/** The value in this JSON. Throws `malformed` where it is none, or not what `check` expects: the path, what is there and what should be. */
export function parseChecked(json: string, check: Check): unknown {
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
  check(value, "");
  return value;
}
