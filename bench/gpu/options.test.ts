import { describe, expect, it } from "vitest";
import { parseOptions } from "./options.ts";

describe("the options of bench:gpu", () => {
  it("default to the four shapes in four types", () => {
    const { parts, models, types, task, quick } = parseOptions([]);
    expect(parts).toEqual(["ceilings", "check", "models"]);
    expect(models).toEqual(["qwen2.5-0.5b", "llama-3.2-1b", "llama-3.1-8b", "qwen2.5-coder-14b"]);
    expect(types).toEqual(["Q4_0", "Q4_K_M", "Q5_K_M", "Q8_0"]);
    expect(task).toEqual({ depths: [0, 2048], promptTokens: 512, generateTokens: 128, repetitions: 5 });
    expect(quick).toBe(false);
  });

  it("are fewer of everything when it is to be quick, unless they are given", () => {
    expect(parseOptions(["--quick"])).toMatchObject({ types: ["Q4_0", "Q4_K_M"], task: { repetitions: 3 } });
    const given = parseOptions(["--quick", "--types", "Q8_0", "--repetitions", "7", "--depths", "5", "--no-tune"]);
    expect(given).toMatchObject({ types: ["Q8_0"], task: { repetitions: 7, depths: [5] }, tune: false });
  });

  it.each([
    [["--models", "gpt-5"], /--models: "gpt-5" is none of/],
    [["--types", "Q4_0,"], /--types: "" is none of/],
    [["--depths=-1"], /--depths takes whole numbers from 0/],
    [["--tokens", "0"], /--tokens takes whole numbers from 1/],
    [["--nonsense"], /nonsense/],
  ])("refuse %j", (args, message) => expect(() => parseOptions(args)).toThrow(message));
});
