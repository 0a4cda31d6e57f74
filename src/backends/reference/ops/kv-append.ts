import type { CacheType } from "../../backend.ts";
import { type Cache, writeRows } from "../cache.ts";
import type { Matrix } from "../matrix.ts";
import type { Steps } from "../steps.ts";

/** Writes the rows of k and v into the cache at the tokens' positions. */
export function* kvAppend(k: Matrix, v: Matrix, cache: Cache, position: number, type: CacheType): Steps {
  writeRows(k, cache.keys, position, type);
  yield;
  writeRows(v, cache.values, position, type);
  yield;
}
