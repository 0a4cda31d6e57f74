import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

/**
 * Golden data made with llama.cpp. It is not part of the project: it lies beside the checkout
 * (`../shared/reference`) or where WEBGGUF_REFERENCE points. Tests that want it must go through `hasReference`, so that
 * a run without it says plainly what was skipped.
 */
const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
export const referenceFolder = process.env.WEBGGUF_REFERENCE ?? resolve(root, "../shared/reference");

export const hasReference = existsSync(join(referenceFolder, "README.md"));

if (!hasReference) console.warn(`SKIPPED: golden cases need reference data in ${referenceFolder}, which is not there.`);

/** A file of the reference data, as bytes; `.gz` files are unpacked. */
export function referenceBytes(path: string): Uint8Array<ArrayBuffer> {
  const bytes = readFileSync(join(referenceFolder, path));
  return new Uint8Array(path.endsWith(".gz") ? gunzipSync(bytes) : bytes);
}

/** A JSON file of the reference data. */
export function referenceJson<T>(path: string): T {
  return JSON.parse(readFileSync(join(referenceFolder, path), "utf8")) as T;
}

/** Names in a folder of the reference data that end in `suffix`, without it; none when the data is not there. */
export function referenceNames(folder: string, suffix: string): string[] {
  if (!hasReference) return [];
  return readdirSync(join(referenceFolder, folder))
    .filter((name) => name.endsWith(suffix))
    .map((name) => name.slice(0, -suffix.length))
    .sort();
}
