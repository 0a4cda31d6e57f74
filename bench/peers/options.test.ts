import { describe, expect, it } from "vitest";
import { parseOptions } from "./options.ts";

describe("parseOptions", () => {
  it("has defaults, and native only where there is one", () => {
    const options = parseOptions(["--threads", "1", "a.gguf", "b.gguf"], false, false);
    expect(options.models).toEqual(["a.gguf", "b.gguf"]);
    expect(options.engines).toEqual(["webgguf", "wllama"]);
    expect(options.task).toMatchObject({ promptTokens: 128, generateTokens: 32, threads: 1 });
    expect(parseOptions(["--threads", "1", "a.gguf"], true, false).engines).toContain("native");
  });

  it("needs no model where single products are measured", () => {
    expect(parseOptions(["--threads", "1"], false, true).models).toEqual([]);
  });

  it("says what is wrong", () => {
    expect(() => parseOptions([], true, false)).toThrow("No model named");
    expect(() => parseOptions(["--rounds", "0", "a.gguf"], true, false)).toThrow('--rounds is "0"');
    expect(() => parseOptions(["--generate", "1", "a.gguf"], true, false)).toThrow("a whole number from 2");
    expect(() => parseOptions(["--engines", "wllama,ollama", "a.gguf"], true, false)).toThrow('"ollama"');
    expect(() => parseOptions(["--engines", "native", "a.gguf"], false, false)).toThrow("LLAMA_BENCH");
    expect(() => parseOptions(["--threads", "1", "--prompt", "250", "a.gguf"], true, false)).toThrow("need 284");
    expect(() => parseOptions(["--threads", "4096", "a.gguf"], true, false)).toThrow("cores");
  });
});
