import { dequantize } from "../../../quant/index.ts";
import type { CacheType } from "../../backend.ts";
import { randomWeights } from "../../cases/random-weights.ts";

/** Random numbers around 0.1 as a cache stores them, and their values, which halves hold exactly. */
export function cacheNumbers(count: number, type: CacheType, seed: string) {
  const halves = randomWeights("F16", count, seed);
  const values = dequantize("F16", halves, count);
  return { values, bytes: type === "f16" ? halves : new Uint8Array(values.buffer) };
}

/** A cache's content as numbers. */
export const cacheValues = (content: ArrayBuffer, type: CacheType): Float32Array =>
  type === "f32" ? new Float32Array(content) : dequantize("F16", new Uint8Array(content), content.byteLength / 2);
