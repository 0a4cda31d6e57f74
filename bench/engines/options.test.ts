import { describe, expect, it } from "vitest";
import { parseOptions } from "./options.ts";

describe("parseOptions", () => {
  it("has defaults", () => {
    const options = parseOptions(["a.gguf"]);
    expect(options).toMatchObject({ models: ["a.gguf"], rounds: 3, dist: "dist" });
    expect(options.task).toEqual({ promptTokens: 128, generateTokens: 32, repetitions: 2, contextLength: 256 });
    expect(options.subjects).toBeUndefined();
  });

  it("takes engines in the usual order, and threads", () => {
    const { subjects, task } = parseOptions(["a.gguf", "--engines", "webkit,chromium-plain", "--threads", "1"]);
    expect(subjects).toEqual(["chromium-plain", "webkit"]);
    expect(task.threads).toBe(1);
  });

  it("says what is wrong", () => {
    expect(() => parseOptions([])).toThrow("No model named");
    expect(() => parseOptions(["a.gguf", "--engines", "lynx"])).toThrow('names "lynx"');
    expect(() => parseOptions(["a.gguf", "--rounds", "0"])).toThrow("--rounds");
    expect(() => parseOptions(["a.gguf", "--context", "100"])).toThrow("need 160");
  });
});
