import type { Backend } from "../../src/backends/backend.ts";
import { checkCase, OP_CASES } from "../../src/backends/cases/index.ts";
import { createReferenceBackend } from "../../src/backends/reference/index.ts";
import { goldenFiles, runGolden } from "../../test/golden.ts";
import { f16CacheLimit, type Golden, roundedActivationsLimit } from "../../test/golden-run.ts";
import type { GoldenRow, OpResult } from "./types.ts";

/** Types that stand for all in a quick run. */
const TYPICAL: ReadonlySet<string | undefined> = new Set([
  undefined,
  "F32",
  "F16",
  "Q4_0",
  "Q8_0",
  "Q4_K",
  "Q5_K",
  "Q6_K",
]);

/** The op cases against the reference backend. Activations may be rounded to 8 bits. */
export async function checkOps(backend: Backend, quick: boolean): Promise<OpResult[]> {
  const reference = createReferenceBackend();
  const seen = new Set<string>();
  const cases = OP_CASES.filter(({ op, dtype }) => {
    if (!quick) return true;
    const first = !seen.has(`${op} ${dtype}`);
    seen.add(`${op} ${dtype}`);
    return first && TYPICAL.has(dtype);
  });
  const results: OpResult[] = [];
  for (const opCase of cases) {
    try {
      const { deviations, tolerance } = await checkCase(reference, backend, opCase, "int8");
      results.push({ name: opCase.name, deviation: Math.max(...deviations), tolerance });
    } catch (error) {
      results.push({ name: opCase.name, deviation: Number.POSITIVE_INFINITY, tolerance: 0, error: String(error) });
    }
  }
  return results;
}

const RUNS = [
  { run: "one batch, f32 cache", batchSize: 512, cacheType: "f32" },
  { run: "batches of 24, f16 cache", batchSize: 24, cacheType: "f16" },
  { run: "token by token, f16 cache", batchSize: 1, cacheType: "f16" },
] as const;

/** The golden models of the reference data; none where it is not. */
export async function checkGolden(backend: Backend): Promise<GoldenRow[]> {
  const rows: GoldenRow[] = [];
  for (const file of goldenFiles(["llama", "qwen2", "qwen3"])) {
    for (const { run, batchSize, cacheType } of RUNS) {
      const limit = (golden: Golden) =>
        Math.max(roundedActivationsLimit(golden), cacheType === "f16" ? f16CacheLimit(golden) : 0);
      try {
        const {
          prompt,
          long,
          limit: most,
          greedyErrors,
        } = await runGolden(backend, file, { batchSize, cacheType, limit });
        rows.push({ name: file.name, run, prompt, long, limit: most, greedyErrors });
      } catch (error) {
        rows.push({
          name: file.name,
          run,
          prompt: Number.NaN,
          long: Number.NaN,
          limit: 0,
          greedyErrors: 0,
          error: String(error),
        });
      }
    }
  }
  return rows;
}

export const opFailed = ({ deviation, tolerance }: OpResult): boolean => !(deviation <= tolerance);

export const goldenFailed = ({ prompt, long, limit, greedyErrors, error }: GoldenRow): boolean =>
  error !== undefined || !(prompt <= limit) || !(long <= limit) || greedyErrors > 0;
