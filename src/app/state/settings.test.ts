import { describe, expect, it } from "vitest";
import {
  DEFAULT_SAMPLING,
  DEFAULT_SETTINGS,
  generateOptions,
  PRESETS,
  parseLogitBias,
  presetOf,
  readSettings,
} from "./settings.ts";

describe("settings", () => {
  it("what is not set is not sent", () => {
    expect(generateOptions(DEFAULT_SETTINGS)).toEqual({ ...DEFAULT_SAMPLING, onContextFull: "stop" });
  });

  it("everything that is set is sent", () => {
    const settings = {
      ...DEFAULT_SETTINGS,
      seed: 0,
      maxTokens: 20,
      stop: "END\n\\n\\n\n",
      logitBias: "7 = -inf",
      ignoreEos: true,
    };
    expect(generateOptions(settings)).toMatchObject({
      seed: 0,
      maxTokens: 20,
      stop: ["END", "\n\n"],
      logitBias: { 7: Number.NEGATIVE_INFINITY },
      ignoreEos: true,
    });
  });

  it("reads logit biases and names the lines it cannot read", () => {
    expect(parseLogitBias("12 = 1.5\n\n 3: -2\n99 = -inf\nfoo\n4 = ")).toEqual({
      bias: { 12: 1.5, 3: -2, 99: Number.NEGATIVE_INFINITY },
      wrong: ["foo", "4 ="],
    });
  });

  it("recognises presets", () => {
    for (const preset of PRESETS) expect(presetOf(preset.sampling)).toBe(preset.name);
    expect(presetOf({ ...DEFAULT_SAMPLING, topK: 3 })).toBeUndefined();
  });

  it("survives a round trip through storage, and rubbish in storage", () => {
    const settings = { ...DEFAULT_SETTINGS, seed: 4, load: { backend: "wasm" as const, threads: 2 } };
    expect(readSettings(JSON.parse(JSON.stringify(settings)))).toEqual(settings);
    for (const rubbish of [null, 3, "x", { sampling: 4, load: [], seed: "one", onContextFull: {} }]) {
      expect(readSettings(rubbish)).toEqual(DEFAULT_SETTINGS);
    }
  });
});
