import { existsSync, statSync } from "node:fs";
import { mkdir, open, rename } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ggufSize, writeGguf } from "../../src/gguf/writer.ts";
import { type Mix, mixChoice } from "../../src/synthetic/mixes.ts";
import { syntheticModel } from "../../src/synthetic/model.ts";
import { SHAPES, type ShapeName } from "../../src/synthetic/shapes.ts";
import type { ModelChoice } from "./options.ts";

/** The model as a file: made in `folder` unless it is there, streamed to the disk. */
export async function modelFile(choice: ModelChoice, folder: string): Promise<string> {
  if ("path" in choice) {
    if (!existsSync(choice.path)) throw new Error(`There is no file ${choice.path}.`);
    return resolve(choice.path);
  }
  const path = join(folder, `${choice.shape}-${choice.mix}.gguf`);
  if (existsSync(path)) return path;
  await mkdir(folder, { recursive: true });
  const shape = SHAPES[choice.shape];
  const unfinished = await open(`${path}.part`, "w");
  try {
    for await (const chunk of writeGguf(syntheticModel(shape, { types: mixChoice(choice.mix, shape) }))) {
      await unfinished.writeFile(chunk);
    }
  } finally {
    await unfinished.close();
  }
  await rename(`${path}.part`, path);
  return path;
}

/**
 * A file of the model's full size that holds its header and nothing else: the rest takes no room where the file system knows
 * sparse files. Made in `folder` unless it is there.
 */
export async function headerFile(shape: ShapeName, mix: Mix, folder: string): Promise<{ path: string; bytes: number }> {
  const path = join(folder, `${shape}-${mix}-header.gguf`);
  if (existsSync(path)) return { path, bytes: statSync(path).size };
  await mkdir(folder, { recursive: true });
  const model = syntheticModel(SHAPES[shape], { types: mixChoice(mix, SHAPES[shape]) });
  const bytes = ggufSize(model);
  const unfinished = await open(`${path}.part`, "w");
  try {
    const { value: header } = await writeGguf(model).next();
    await unfinished.writeFile(header as Uint8Array);
    await unfinished.truncate(bytes);
  } finally {
    await unfinished.close();
  }
  await rename(`${path}.part`, path);
  return { path, bytes };
}
