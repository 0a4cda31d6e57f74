import { useEffect, useState } from "react";

const storageOf = (storage: "local" | "session"): Storage => (storage === "local" ? localStorage : sessionStorage);

/** Reads JSON from a storage; undefined when there is none, or storage is switched off. */
export function readJson(storage: "local" | "session", key: string): unknown {
  try {
    return JSON.parse(storageOf(storage).getItem(key) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}

export function writeJson(storage: "local" | "session", key: string, value: unknown): void {
  try {
    storageOf(storage).setItem(key, JSON.stringify(value));
  } catch {
    // Storage is full or switched off: the page works without it.
  }
}

/** Whether something can be stored there, found out by storing it. */
export function canStore(storage: "local" | "session"): boolean {
  const key = "webgguf.probe";
  try {
    storageOf(storage).setItem(key, "");
    storageOf(storage).removeItem(key);
    return true;
  } catch {
    return false;
  }
}

/** State that is remembered. `read` makes a good value of whatever is stored. */
export function useStored<T>(storage: "local" | "session", key: string, read: (stored: unknown) => T) {
  const [value, setValue] = useState<T>(() => read(readJson(storage, key)));
  useEffect(() => writeJson(storage, key, value), [storage, key, value]);
  return [value, setValue] as const;
}
