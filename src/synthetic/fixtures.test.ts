import { describe, expect, it } from "vitest";
import { MemorySource, tinyModel } from "../../test/fixtures.ts";
import { createReferenceBackend } from "../backends/reference/index.ts";
import { DTYPES, type DType } from "../core/dtype.ts";
import { openGguf } from "../gguf/open.ts";
import { buildModel } from "../models/registry.ts";
import { MIX_NAMES } from "./mixes.ts";

const ALL_TYPES = Object.keys(DTYPES) as DType[];

/** Logits after each of a few tokens, on the reference backend. */
async function logitsOf(bytes: Uint8Array): Promise<Float32Array[]> {
  const file = await openGguf([new MemorySource(bytes)]);
  const { graph } = buildModel(file.metadata, file.tensors);
  const backend = createReferenceBackend();
  const plan = await backend.compile(graph, { contextLength: 32, batchSize: 8, outputRows: 8, cacheType: "f32" });
  const weights = graph.values.flatMap((value) => (value.kind === "weight" ? [file.tensors.get(value.name)!] : []));
  await plan.load(weights, {});
  const tokens = [300, 20, 301, 302, 21];
  const rows = await plan.run({ tokens, position: 0, outputs: tokens.map((_, index) => index) });
  const kept = rows.map((row) => row.slice());
  await plan.close();
  await backend.close();
  return kept;
}

async function expectUsable(bytes: Uint8Array): Promise<void> {
  expect(bytes.length).toBeLessThan(1e6);
  const rows = await logitsOf(bytes);
  const best = rows.map((row) => row.indexOf(Math.max(...row)));
  for (const row of rows) {
    expect(row.every(Number.isFinite)).toBe(true);
    const deviation = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0) / row.length);
    expect(deviation).toBeGreaterThan(0.5);
    expect(deviation).toBeLessThan(8);
  }
  expect(new Set(best).size).toBeGreaterThan(1);
}

describe("tiny models run, with logits that depend on the token", () => {
  it.each(["llama", "qwen2", "qwen3"] as const)("%s", (architecture) => expectUsable(tinyModel({ architecture })));
  it.each(ALL_TYPES)("llama, %s", (dtype) => expectUsable(tinyModel({ architecture: "llama", dtype })));
  it.each(MIX_NAMES)("qwen2, %s", (mix) => expectUsable(tinyModel({ architecture: "qwen2", mix })));
});

it("options change the model", async () => {
  const open = async (options: Parameters<typeof tinyModel>[0]) =>
    (await openGguf([new MemorySource(tinyModel(options))])).tensors;
  expect((await open({ architecture: "llama", layers: 1 })).has("blk.1.attn_q.weight")).toBe(false);
  expect((await open({ architecture: "llama" })).has("output.weight")).toBe(true);
  expect((await open({ architecture: "llama", tiedEmbeddings: true })).has("output.weight")).toBe(false);
});
