import { useEffect, useState } from "react";

/** Reads JSON from a storage; undefined when there is none, or storage is switched off. */
export function readJson(storage: "local" | "session", key: string): unknown {
  try {
    return JSON.parse((storage === "local" ? localStorage : sessionStorage).getItem(key) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}

export function writeJson(storage: "local" | "session", key: string, value: unknown): void {
  try {
    (storage === "local" ? localStorage : sessionStorage).setItem(key, JSON.stringify(value));
  } catch {
    // Storage is full or switched off: the page works without it.
  }
}

/** State that is remembered. `read` makes a good value of whatever is stored. */
export function useStored<T>(storage: "local" | "session", key: string, read: (stored: unknown) => T) {
  const [value, setValue] = useState<T>(() => read(readJson(storage, key)));
  useEffect(() => writeJson(storage, key, value), [storage, key, value]);
  return [value, setValue] as const;
}
