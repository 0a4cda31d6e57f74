import { open } from "node:fs/promises";
import { parseArgs } from "node:util";
import { writeGguf } from "../src/gguf/writer.ts";
import { MIX_NAMES, type Mix, mixChoice } from "../src/synthetic/mixes.ts";
import { syntheticModel } from "../src/synthetic/model.ts";
import { EMBEDDING_SHAPES, type ModelShape, SHAPES } from "../src/synthetic/shapes.ts";
import { partName, splitModel } from "../src/synthetic/split.ts";

const ALL_SHAPES = { ...SHAPES, ...EMBEDDING_SHAPES };

const USAGE = `Writes a model of a published shape with random weights.

  npx tsx bench/synthetic-cli.ts --shape SHAPE --mix MIX --out FILE.gguf [--vocabulary N] [--seed N] [--parts N]

  SHAPE  ${Object.keys(SHAPES).join(", ")};
         ${Object.keys(EMBEDDING_SHAPES).join(", ")} (for other programs: it cannot be run here yet)
  MIX    ${MIX_NAMES.join(", ")}
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      shape: { type: "string" },
      mix: { type: "string" },
      out: { type: "string" },
      vocabulary: { type: "string" },
      seed: { type: "string", default: "1" },
      parts: { type: "string", default: "1" },
    },
  });
  const { shape: shapeName = "", mix = "", out } = values;
  if (!(shapeName in ALL_SHAPES) || !MIX_NAMES.includes(mix as Mix) || !out) {
    process.stderr.write(USAGE);
    process.exitCode = 2;
    return;
  }
  const published: ModelShape = ALL_SHAPES[shapeName as keyof typeof ALL_SHAPES];
  const shape = { ...published, vocabularySize: Number(values.vocabulary ?? published.vocabularySize) };
  const model = syntheticModel(shape, { types: mixChoice(mix as Mix, shape), seed: Number(values.seed) });
  const count = Number(values.parts);
  const files =
    count === 1
      ? [{ path: out, contents: model }]
      : splitModel(model, count).map((contents, number) => ({
          path: partName(out.replace(/\.gguf$/, ""), number, count),
          contents,
        }));
  for (const { path, contents } of files) await writeFile(path, writeGguf(contents));
}

async function writeFile(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const started = performance.now();
  const file = await open(path, "w");
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      await file.writeFile(chunk);
      bytes += chunk.length;
    }
  } finally {
    await file.close();
  }
  const seconds = (performance.now() - started) / 1000;
  process.stdout.write(`${path}: ${(bytes / 1e6).toFixed(1)} MB in ${seconds.toFixed(1)} s\n`);
}

await main();
