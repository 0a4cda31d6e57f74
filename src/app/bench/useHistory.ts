import { useCallback, useEffect, useState } from "react";
import { parseReport } from "../../bench/schema.ts";
import type { BenchReport } from "../../bench/types.ts";
import { WebggufError } from "../../core/errors.ts";
import { get, update } from "../state/database.ts";
import { type History, type HistoryEntry, readHistory, renamed, withEntry, withoutEntry } from "./history.ts";

const KEY = "bench-history";

/** Largest file that is read: results are some tens of kilobytes. */
const MOST_BYTES = 20e6;

/** Runs in IndexedDB, newest first. Where there is no storage they last as long as the page; `kept` is false then. */
export function useHistory() {
  const [history, setHistory] = useState<History>([]);
  const [kept, setKept] = useState(true);

  useEffect(() => {
    get<unknown>(KEY).then(
      (stored) => setHistory(readHistory(stored)),
      () => setKept(false),
    );
  }, []);

  const change = useCallback(async (edit: (history: History) => HistoryEntry[]) => {
    setHistory(edit);
    await update<unknown>(KEY, (stored) => edit(readHistory(stored))).then(
      () => setKept(true),
      () => setKept(false),
    );
  }, []);

  const add = useCallback(
    (report: BenchReport): string => {
      const id = crypto.randomUUID();
      change((now) => withEntry(now, { id, report }));
      return id;
    },
    [change],
  );

  /** Throws `malformed` for a file that is no result, with what is wrong. */
  const importFile = useCallback(
    async (file: File): Promise<string> => {
      if (file.size > MOST_BYTES) {
        throw new WebggufError("malformed", `${file.name} has ${file.size} bytes; no benchmark result is so large.`);
      }
      return add(parseReport(await file.text()));
    },
    [add],
  );

  const rename = useCallback((id: string, name: string) => change((now) => renamed(now, id, name)), [change]);
  const remove = useCallback((id: string) => change((now) => withoutEntry(now, id)), [change]);

  return { history, kept, add, importFile, rename, remove };
}
