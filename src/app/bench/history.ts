import { checkReport } from "../../bench/schema.ts";
import type { BenchReport } from "../../bench/types.ts";

/** A run that was kept. */
export interface HistoryEntry {
  readonly id: string;
  readonly report: BenchReport;
}

export type History = readonly HistoryEntry[];

/** The oldest leave when there are more. */
export const MOST_KEPT = 200;

/** Newest first. What is no result, such as one of another version of the page, is left out. */
export function readHistory(stored: unknown): HistoryEntry[] {
  if (!Array.isArray(stored)) return [];
  return stored.flatMap((entry: Partial<HistoryEntry> | null) => {
    try {
      return typeof entry?.id === "string" ? [{ id: entry.id, report: checkReport(entry.report) }] : [];
    } catch {
      return [];
    }
  });
}

export const withEntry = (history: History, entry: HistoryEntry): HistoryEntry[] =>
  [entry, ...history.filter(({ id }) => id !== entry.id)].slice(0, MOST_KEPT);

export const withoutEntry = (history: History, id: string): HistoryEntry[] =>
  history.filter((entry) => entry.id !== id);

export const renamed = (history: History, id: string, name: string): HistoryEntry[] =>
  history.map((entry) => (entry.id === id ? { ...entry, report: { ...entry.report, name } } : entry));

/** "Run 4", one more than any that is there. */
export function nextName(history: History): string {
  const numbers = history.map(({ report }) => Number(/^Run (\d+)$/.exec(report.name)?.[1] ?? 0));
  return `Run ${Math.max(0, ...numbers) + 1}`;
}

/** For a file: "Run 4" → "webgguf-bench-Run-4.json". */
export const exportName = (name: string): string =>
  `webgguf-bench-${name.replace(/[^\p{L}\p{N}.]+/gu, "-").replace(/^-+|-+$/g, "") || "run"}.json`;
