import { expect, it } from "vitest";
import { rates, reportOf } from "../../bench/testing.ts";
import {
  exportName,
  type HistoryEntry,
  MOST_KEPT,
  nextName,
  readHistory,
  renamed,
  withEntry,
  withoutEntry,
} from "./history.ts";

const entry = (id: string, name = id): HistoryEntry => ({ id, report: reportOf([rates("pp16", [1, 2])], { name }) });

it("keeps the newest first, each once, and not for ever", () => {
  const two = withEntry(withEntry([], entry("a")), entry("b"));
  expect(two.map(({ id }) => id)).toEqual(["b", "a"]);
  expect(withEntry(two, entry("a", "again")).map(({ report }) => report.name)).toEqual(["again", "b"]);
  let many: HistoryEntry[] = [];
  for (let i = 0; i < MOST_KEPT + 3; i++) many = withEntry(many, entry(`${i}`));
  expect(many).toHaveLength(MOST_KEPT);
  expect(many[0].id).toBe(`${MOST_KEPT + 2}`);
});

it("renames and removes one, and leaves the others as they are", () => {
  const history = [entry("a"), entry("b")];
  const after = renamed(history, "b", "after the change");
  expect(after.map(({ report }) => report.name)).toEqual(["a", "after the change"]);
  expect(history[1].report.name).toBe("b");
  expect(withoutEntry(after, "a")).toEqual([after[1]]);
});

it("reads back what is a result, and nothing else", () => {
  const good = [entry("a"), entry("b")];
  expect(readHistory(JSON.parse(JSON.stringify(good)))).toEqual(good);
  const bad = [null, 4, { id: 3, report: good[0].report }, { id: "c", report: { ...good[0].report, runs: "many" } }];
  expect(readHistory([...bad, good[0]])).toEqual([good[0]]);
  expect(readHistory("nothing")).toEqual([]);
});

it("names runs by number, and files so that every system takes them", () => {
  expect(nextName([])).toBe("Run 1");
  expect(nextName([entry("a", "Run 9"), entry("b", "before"), entry("c", "Run 2")])).toBe("Run 10");
  expect(exportName("Run 4")).toBe("webgguf-bench-Run-4.json");
  expect(exportName("../größer?")).toBe("webgguf-bench-..-größer.json");
  expect(exportName("//")).toBe("webgguf-bench-run.json");
});
