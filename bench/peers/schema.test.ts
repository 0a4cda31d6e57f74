import { describe, expect, it } from "vitest";
import { parsePeers } from "./schema.ts";
import type { Report } from "./types.ts";

const good: Report = {
  date: "2026-01-01T00:00:00.000Z",
  machine: { cpu: "Some CPU", cores: 4, system: "linux 6", browser: "Chromium 150" },
  task: { promptTokens: 64, generateTokens: 16, repetitions: 2, threads: 2, contextLength: 256, seed: 1 },
  files: [
    {
      file: "a.gguf",
      bytes: 1,
      rounds: [
        { round: 1, engine: "wllama", error: "out of memory", loadBefore: 0.5 },
        {
          round: 1,
          engine: "webgguf",
          measurement: {
            version: "webgguf",
            threads: 2,
            settings: { KV: "f16", SIMD: true, context: 256 },
            prefill: [400],
            decode: [80],
            firstToken: [150],
            pageDecode: [79],
          },
          loadBefore: 0,
        },
      ],
    },
  ],
  products: {
    width: 14_336,
    out: 4096,
    rounds: [
      {
        round: 1,
        engine: "native",
        measurement: { version: "llama.cpp", threads: 2, timings: [{ type: "Q4_K", tokens: 8, microseconds: 9.5 }] },
        loadBefore: 0,
      },
    ],
  },
};

describe("parsePeers", () => {
  it("takes a report as it was written, with products and without", () => {
    expect(parsePeers(JSON.stringify(good))).toEqual(good);
    const { products: _, ...models } = good;
    expect(parsePeers(JSON.stringify(models))).toEqual(models);
  });

  it("says where something is amiss", () => {
    const changed = (from: string, to: string) => () => parsePeers(JSON.stringify(good).replace(from, to));
    expect(changed('"prefill":[400]', '"prefill":[null]')).toThrow(
      /at files\[0\]\.rounds\[1\]\.measurement\.prefill\[0\]/,
    );
    expect(changed('"microseconds":9.5', '"microseconds":0')).toThrow(
      /products\.rounds\[0\]\.measurement\.timings\[0\]/,
    );
    expect(changed('"type":"Q4_K"', '"type":"Q9_9"')).toThrow(/expected one of Q4_0, Q8_0, Q4_K/);
    expect(changed('"engine":"native"', '"engine":"wllama"')).toThrow(/expected one of webgguf, native/);
    expect(changed('"KV":"f16"', '"KV":null')).toThrow(/settings\.KV there is null/);
  });
});
