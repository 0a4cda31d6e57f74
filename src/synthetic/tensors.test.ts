import { describe, expect, it } from "vitest";
import type { SyncTensorData } from "../gguf/writer.ts";
import { buildModel } from "../models/registry.ts";
import { mixChoice } from "./mixes.ts";
import { syntheticModel } from "./model.ts";
import { SHAPES } from "./shapes.ts";
import { syntheticHeader } from "./tensors.ts";

describe("tensors that are made as they are read", () => {
  const contents = syntheticModel(SHAPES.tiny, { types: mixChoice("Q4_K_M", SHAPES.tiny) });
  const bytesOf = (data: SyncTensorData) => new Uint8Array(Buffer.concat([...data]));

  it("are those of the file", async () => {
    const { metadata, tensors } = await syntheticHeader(contents);
    expect(buildModel(metadata, tensors).hyperparameters.layerCount).toBe(SHAPES.tiny.layers);
    for (const { name, data } of contents.tensors) {
      const tensor = tensors.get(name)!;
      const expected = bytesOf(data());
      expect(tensor.byteLength).toBe(expected.length);
      expect(await tensor.source.read(0, expected.length)).toEqual(expected);
      expect(await tensor.source.read(17, 100)).toEqual(expected.subarray(17, 117));
    }
  });

  it("repeat their beginning when they are large, whatever the pieces they are read in", async () => {
    const shape = { ...SHAPES.tiny, vocabularySize: 60_000 };
    const large = syntheticModel(shape, { types: mixChoice("Q8_0", shape) });
    const { tensors } = await syntheticHeader(large);
    const { source, byteLength } = tensors.get("token_embd.weight")!;
    const whole = await source.read(0, byteLength);
    expect(
      Buffer.compare(await source.read(byteLength - 5_000_001, 5_000_001), whole.subarray(byteLength - 5_000_001)),
    ).toBe(0);
    const made = bytesOf(large.tensors[0].data());
    expect(Buffer.compare(whole.subarray(0, 4 << 20), made.subarray(0, 4 << 20))).toBe(0);
    // Blocks of 34 bytes are repeated whole.
    const period = Buffer.from(whole.buffer).indexOf(whole.subarray(0, 64), 4 << 20);
    expect(period).toBeGreaterThan(0);
    expect(period % 34).toBe(0);
  });
});
