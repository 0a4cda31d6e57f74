import { describe, expect, it } from "vitest";
import { ggufBytes } from "../gguf/writer.ts";
import { MIX_NAMES, mixChoice } from "./mixes.ts";
import { syntheticModel } from "./model.ts";
import { type ModelShape, SHAPES } from "./shapes.ts";
import { approximateBytes } from "./sizes.ts";
import { writeHeaderLast } from "./write.ts";

const tiny: ModelShape = { ...SHAPES.tiny, vocabularySize: 20_000 };
const contents = syntheticModel(tiny, { types: mixChoice("F32", tiny) });

describe("a file that is written chunk by chunk", () => {
  it("is the same as in one piece, and begins as a GGUF file only at the end", async () => {
    const expected = ggufBytes(contents);
    const file = new Uint8Array(expected.length);
    const places: number[] = [];
    const progress: number[] = [];
    const total = await writeHeaderLast(
      contents,
      {
        write(bytes, at) {
          if (at > 0) expect(file[0]).toBe(0);
          places.push(at);
          file.set(bytes, at);
        },
      },
      { onProgress: ({ writtenBytes, totalBytes }) => progress.push(writtenBytes / totalBytes) },
    );
    expect(total).toBe(expected.length);
    expect(Buffer.compare(file, expected)).toBe(0);
    expect(places.at(-1)).toBe(0);
    expect(progress.length).toBeGreaterThan(2);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(progress.at(-1)).toBe(1);
  });

  it("is stopped by the signal between chunks, without its beginning", async () => {
    const stop = new AbortController();
    const places: number[] = [];
    const writing = writeHeaderLast(
      contents,
      { write: (_, at) => void places.push(at) },
      { signal: stop.signal, onProgress: () => setTimeout(() => stop.abort()) },
    );
    await expect(writing).rejects.toMatchObject({ code: "aborted" });
    expect(places.length).toBeGreaterThan(0);
    expect(places).not.toContain(0);
  });
});

describe("sizes", () => {
  it.each(MIX_NAMES)("of a file are known before it is made: %s", (mix) => {
    const shape: ModelShape = { ...SHAPES["qwen2.5-0.5b"], layers: 2, vocabularySize: 30_000 };
    const types = mixChoice(mix, shape);
    const actual = ggufBytes(syntheticModel(shape, { types })).length;
    expect(approximateBytes(shape, types) / actual).toBeCloseTo(1, 1);
  });
});
