import { afterAll, describe, expect, it } from "vitest";
import { f16CacheLimit, type Golden, goldenFiles, roundedActivationsLimit, runGolden } from "../../../test/golden.ts";
import { hasReference } from "../../../test/reference.ts";
import type { Backend } from "../backend.ts";
import { createWebgpuBackend } from "./index.ts";
import { testGpu } from "./testing.ts";

const gpu = await testGpu();

/** The GPU path may round activations to 8 bits or to halves, and may cache K and V as halves. */
const limitOf = (cacheType: "f32" | "f16") => (golden: Golden) =>
  Math.max(roundedActivationsLimit(golden), cacheType === "f16" ? f16CacheLimit(golden) : 0);

const RUNS = [
  { name: "one batch, f32 cache", batchSize: 512, cacheType: "f32" },
  { name: "batches of 24, f16 cache", batchSize: 24, cacheType: "f16" },
  { name: "token by token, f16 cache", batchSize: 1, cacheType: "f16" },
] as const;

describe.skipIf(!hasReference || !gpu)("models against llama.cpp", () => {
  let backend: Backend | undefined;
  const table: string[] = [];
  afterAll(() => console.info(`Largest log-probability difference:\n${table.join("\n")}`));

  for (const run of RUNS) {
    it.each(goldenFiles(["llama", "qwen2", "qwen3"]).map((file) => [file.name, file] as const))(
      `%s, ${run.name}`,
      async (_, file) => {
        backend ??= await createWebgpuBackend({ gpu });
        const result = await runGolden(backend, file, { ...run, limit: limitOf(run.cacheType) });
        const { prompt, long, limit } = result;
        table.push(
          `  ${file.name.padEnd(26)} ${run.name.padEnd(26)} prompt ${prompt.toFixed(4)}  long ${long.toFixed(4)}  limit ${limit.toFixed(4)}`,
        );
        expect(prompt).toBeLessThanOrEqual(limit);
        expect(long).toBeLessThanOrEqual(limit);
        expect(result.greedyErrors).toBe(0);
      },
    );
  }
});
