import { afterAll, describe, expect, it } from "vitest";
import {
  argmax,
  f16CacheLimit,
  f32Limit,
  type GoldenResult,
  goldenFiles,
  goldenTable,
  openOn,
  runGolden,
} from "../../../test/golden.ts";
import { hasReference, referenceJson } from "../../../test/reference.ts";
import type { CacheType } from "../backend.ts";
import { createReferenceBackend } from "./index.ts";

const ARCHITECTURES = ["llama", "qwen2", "qwen3"];
const files = goldenFiles(ARCHITECTURES);

function named(...names: string[]): typeof files {
  return files.filter(({ name }) => names.includes(name));
}

/** The same test of several files, in one way of running them; the deviations are printed at the end. */
function golden(title: string, chosen: typeof files, options: { batchSize?: number; cacheType?: CacheType }): void {
  describe.skipIf(!hasReference)(title, () => {
    const results = new Map<string, GoldenResult>();
    afterAll(() => console.log(goldenTable(title, results)));
    const limit = options.cacheType === "f16" ? f16CacheLimit : f32Limit;

    it.each(chosen)("$name", async (file) => {
      const result = await runGolden(createReferenceBackend(), file, { ...options, limit });
      results.set(file.name, result);
      expect(result.prompt).toBeLessThanOrEqual(result.limit);
      expect(result.long).toBeLessThanOrEqual(result.limit);
      expect(result.greedyErrors).toBe(0);
    });
  });
}

golden("one batch", files, {});
golden("batches of 24", named("llama", "llama-moe", "llama-yarn", "qwen2", "qwen3"), { batchSize: 24 });
golden("batches of 1", named("llama-moe", "qwen3"), { batchSize: 1 });
golden("f16 cache", named("llama", "llama-yarn", "qwen2-tied", "qwen3", "stories260K"), { cacheType: "f16" });

describe.skipIf(!hasReference)("stories260K", () => {
  /** The greedy continuation of `prompt`, `count` tokens. */
  async function continued(prompt: readonly number[], count: number): Promise<number[]> {
    const file = { name: "stories260K", path: "real/stories260K" };
    const { plan } = await openOn(createReferenceBackend(), file, { batchSize: 512, cacheType: "f32" });
    const written: number[] = [];
    let tokens = prompt;
    let position = 0;
    while (written.length < count) {
      const [logits] = await plan.run({ tokens, position, outputs: [tokens.length - 1] });
      position += tokens.length;
      tokens = [argmax(logits)];
      written.push(tokens[0]);
    }
    await plan.close();
    return written;
  }

  it("writes llama2.c's published story", async () => {
    const { ids } = referenceJson<{ ids: number[] }>("real/stories260K.story.json");
    expect(await continued(ids.slice(0, 1), ids.length - 1)).toEqual(ids.slice(1));
  });

  it("continues 'Once upon a time' as published", async () => {
    const expected = [432, 383, 286, 261, 376, 298, 315, 421];
    expect(await continued([1, 403, 407, 261, 378], expected.length)).toEqual(expected);
  });
});
