import type { Backend, CacheType, Plan } from "../src/backends/backend.ts";
import type { ModelDefinition } from "../src/models/registry.ts";
import {
  compileGolden,
  type Golden,
  type GoldenModel,
  type GoldenOptions,
  type GoldenResult,
  runGoldenModel,
} from "./golden-run.ts";
import { referenceBytes, referenceJson, referenceNames } from "./reference.ts";

export * from "./golden-run.ts";

/** A golden model's name and where its `.gguf` and `.json` lie, without the suffix. */
export interface GoldenFile {
  readonly name: string;
  readonly path: string;
}

/** The golden text models of these architectures; none when the reference data is not there. */
export function goldenFiles(architectures: readonly string[]): GoldenFile[] {
  return ["models", "real"].flatMap((folder) =>
    referenceNames(folder, ".gguf")
      .map((name) => ({ name, path: `${folder}/${name}` }))
      .filter((file) => {
        const { kind, arch } = readGolden(file);
        return kind === "causal" && architectures.includes(arch);
      }),
  );
}

export function readGolden({ path }: GoldenFile): Golden {
  return referenceJson<Golden>(`${path}.json`);
}

export const readGoldenModel = (file: GoldenFile): GoldenModel => ({
  golden: readGolden(file),
  bytes: referenceBytes(`${file.path}.gguf`),
});

/** See `runGoldenModel`. */
export const runGolden = (backend: Backend, file: GoldenFile, options: GoldenOptions): Promise<GoldenResult> =>
  runGoldenModel(backend, readGoldenModel(file), options);

/** See `compileGolden`. */
export const openOn = (
  backend: Backend,
  { path }: GoldenFile,
  options: { batchSize: number; cacheType: CacheType },
): Promise<{ plan: Plan; model: ModelDefinition }> => compileGolden(backend, referenceBytes(`${path}.gguf`), options);

/** Results as lines of a table, for the log. */
export function goldenTable(title: string, results: ReadonlyMap<string, GoldenResult>): string {
  const lines = [...results].map(([name, { limit, prompt, long, greedyDifferences, greedyErrors }]) => {
    const numbers = [prompt, long, limit].map((x) => x.toExponential(1).padStart(9)).join("");
    return `${name.padEnd(26)}${numbers}${`${greedyDifferences} (${greedyErrors})`.padStart(9)}`;
  });
  const head = `${title.padEnd(26)}   prompt     long    limit   greedy`;
  return [head, ...lines].join("\n");
}
