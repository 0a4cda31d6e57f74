import { describe, expect, it } from "vitest";
import { isTight, type OpenModel, subjectsOf } from "./subjects.ts";

const loaded = {
  model: { info: { name: "Mine", quantization: "Q4_0", memoryBytes: { weights: 1e9, kv: 1e8, scratch: 1e8 } } },
  choice: { label: "mine.gguf", parts: ["https://host.example/mine.gguf"], handles: [] },
} as unknown as OpenModel;

const fileOf = () => new File([], "tiny.gguf");

describe("subjects", () => {
  it("begin with the open model, and wait before others are opened", async () => {
    const events: string[] = [];
    const subjects = subjectsOf(
      { open: true, afresh: true, synthetic: [{ shape: "tiny", mix: "Q8_0" }] },
      loaded,
      (model) => {
        events.push(`file of ${model.shape}`);
        return fileOf();
      },
      async () => void events.push("room made"),
    );
    expect(subjects.map(({ name, type, synthetic }) => [name, type, synthetic])).toEqual([
      ["Mine", "Q4_0", undefined],
      ["Mine, opened afresh", "Q4_0", undefined],
      ["Tiny", "Q8_0", true],
    ]);
    expect(subjects[0].source).toBe(loaded.model);
    expect(events).toEqual([]);
    expect(await (subjects[1].source as () => unknown)()).toEqual(loaded.choice.parts);
    await (subjects[2].source as () => unknown)();
    expect(events).toEqual(["room made", "room made", "file of tiny"]);
  });

  it("without an open model are the synthetic ones", () => {
    expect(subjectsOf({ open: true, afresh: true, synthetic: [] }, undefined, fileOf, async () => {})).toEqual([]);
  });
});

it("room is tight when two models take half of the memory", () => {
  expect(isTight(loaded, 1e9, 8)).toBe(false);
  expect(isTight(loaded, 3e9, 8)).toBe(true);
  expect(isTight(loaded, 3e9, 32)).toBe(false);
  expect(isTight(loaded, 3e9)).toBe(true);
});
