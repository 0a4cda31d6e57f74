import { describe, expect, it } from "vitest";
import { tinyModel } from "../../../test/fixtures.ts";
import { ALL_VARIANTS, modelPrograms } from "../../../test/gpu-programs.ts";
import { PART_ROWS } from "./weights.ts";

describe.each(["llama", "qwen2", "qwen3"] as const)("%s", (architecture) => {
  it("takes seven dispatches a layer for one token", async () => {
    const { one, layers } = await modelPrograms(tinyModel({ architecture }));
    expect(layers).toBeGreaterThan(1);
    // Beside the layers: the embedding and the output.
    expect(one.length).toBe(7 * layers + 2);
  });

  it("never reads and writes one buffer through two bindings", async () => {
    const { one, batch } = await modelPrograms(tinyModel({ architecture }));
    for (const { dispatch } of [...one, ...batch]) {
      const writes = dispatch.buffers.at(-1);
      const twice = dispatch.buffers.filter((buffer) => buffer === writes).length > 1;
      expect(twice && dispatch.kernel.file === "ops/matvec.wgsl", dispatch.label).toBe(false);
    }
  });
});

it("splits matrices over the binding limit by rows, and goes on computing all of them", async () => {
  const whole = await modelPrograms(tinyModel({ architecture: "llama" }));
  const split = await modelPrograms(tinyModel({ architecture: "llama" }), ALL_VARIANTS, 1 << 14);
  const parts = [...split.weights.places.values()].flatMap((place) => (place.kind === "matrix" ? [place.parts] : []));
  expect(Math.max(...parts.map((p) => p.length))).toBeGreaterThan(1);
  for (const part of parts.flat()) expect(part.matrix.buffer.size).toBeLessThanOrEqual(1 << 14);
  for (const part of parts.flatMap((p) => p.slice(1))) expect(part.firstRow % PART_ROWS).toBe(0);
  expect(split.one.length).toBeGreaterThan(whole.one.length);
});
