import { existsSync, statSync } from "node:fs";
import { type FileHandle, mkdir, open, rename } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
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
  const shape = SHAPES[choice.shape];
  const chunks = writeGguf(syntheticModel(shape, { types: mixChoice(choice.mix, shape) }));
  await writeFile(path, async (file) => {
    for await (const chunk of chunks) await file.writeFile(chunk);
  });
  return path;
}

/**
 * A file of the model's full size that holds its header and nothing else: the rest takes no room where the file system knows
 * sparse files. Made in `folder` unless it is there.
 */
export async function headerFile(shape: ShapeName, mix: Mix, folder: string): Promise<{ path: string; bytes: number }> {
  const path = join(folder, `${shape}-${mix}-header.gguf`);
  if (existsSync(path)) return { path, bytes: statSync(path).size };
  const model = syntheticModel(SHAPES[shape], { types: mixChoice(mix, SHAPES[shape]) });
  const bytes = ggufSize(model);
  await writeFile(path, async (file) => {
    const { value: header } = await writeGguf(model).next();
    await file.writeFile(header as Uint8Array);
    await file.truncate(bytes);
  });
  return { path, bytes };
}

/** A file that is there when it is whole, and not before. */
async function writeFile(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const unfinished = await open(`${path}.part`, "w");
  try {
    await write(unfinished);
  } finally {
    await unfinished.close();
  }
  await rename(`${path}.part`, path);
}
