import { describe, expect, it } from "vitest";
import { WebggufError } from "../../core/errors.ts";
import type { Graph } from "../../core/graph.ts";
import type { ByteSource, TensorInfo } from "../../core/source.ts";
import type { CompileOptions } from "../backend.ts";
import { createReferenceBackend } from "./index.ts";

const WIDTH = 2;

/** With a scale of 0 attention gives the mean of all embeddings so far: enough to tell what the cache holds. */
const GRAPH: Graph = {
  values: [
    { kind: "weight", name: "table", dtype: "F32", shape: [WIDTH, 5] },
    { kind: "activation", name: "x", width: WIDTH, rows: "tokens" },
    { kind: "activation", name: "attention", width: WIDTH, rows: "tokens" },
    { kind: "activation", name: "selected", width: WIDTH, rows: "outputs" },
  ],
  ops: [
    { op: "embed", inputs: [0], output: 1, params: {} },
    { op: "kv_append", inputs: [1, 1], output: null, params: { layer: 0 } },
    {
      op: "attention",
      inputs: [1],
      output: 2,
      params: { layer: 0, heads: 1, kvHeads: 1, headSize: WIDTH, valueSize: WIDTH, scale: 0 },
    },
    { op: "select_outputs", inputs: [2], output: 3, params: {} },
  ],
  output: 3,
  cacheLayers: [{ keyWidth: WIDTH, valueWidth: WIDTH }],
};

const OPTIONS: CompileOptions = { contextLength: 6, batchSize: 4, outputRows: 2, cacheType: "f32" };

/** Token t stands for (t, 10 t). */
const TABLE = Float32Array.from([0, 0, 1, 10, 2, 20, 3, 30, 4, 40]);

function tensor(name: string, data: Float32Array<ArrayBuffer>, shape: number[]): TensorInfo {
  const bytes = new Uint8Array(data.buffer);
  const source: ByteSource = { name, size: bytes.length, read: async (at, length) => bytes.slice(at, at + length) };
  return { name, dtype: "F32", shape, source, offset: 0, byteLength: bytes.length };
}

async function loaded() {
  const plan = await createReferenceBackend().compile(GRAPH, OPTIONS);
  await plan.load([tensor("table", TABLE, [WIDTH, 5])], {});
  return plan;
}

const code = (expected: string) => expect.objectContaining({ name: "WebggufError", code: expected });

describe("the reference backend's plan", () => {
  it("keeps the cache between runs and overwrites it from the position on", async () => {
    const plan = await loaded();
    const rows = async (tokens: number[], position: number, outputs: number[]) =>
      (await plan.run({ tokens, position, outputs })).map((row) => Array.from(row));
    expect(await rows([2, 4], 0, [0, 1])).toEqual([
      [2, 20],
      [3, 30],
    ]);
    expect(await rows([0], 2, [0])).toEqual([[2, 20]]);
    expect(await rows([0, 4], 1, [1])).toEqual([[2, 20]]);
    expect(await rows([3], 0, [])).toEqual([]);
  });

  it("counts its memory", async () => {
    const { memory } = await loaded();
    // x and attention for 4 tokens are the most that is alive at once.
    expect(memory).toEqual({ weights: 40, kv: 2 * 6 * WIDTH * 4, scratch: 2 * 4 * WIDTH * 4 });
  });

  it("tells the bytes it has read", async () => {
    const plan = await createReferenceBackend().compile(GRAPH, OPTIONS);
    let bytes = 0;
    await plan.load([tensor("table", TABLE, [WIDTH, 5])], { onBytes: (count) => (bytes += count) });
    expect(bytes).toBe(40);
  });

  it.each([
    ["context-full", { tokens: [1, 1, 1], position: 4, outputs: [] }],
    ["invalid-argument", { tokens: [], position: 0, outputs: [] }],
    ["invalid-argument", { tokens: [1, 1, 1, 1, 1], position: 0, outputs: [] }],
    ["invalid-argument", { tokens: [5], position: 0, outputs: [] }],
    ["invalid-argument", { tokens: [-1], position: 0, outputs: [] }],
    ["invalid-argument", { tokens: [1], position: -1, outputs: [] }],
    ["invalid-argument", { tokens: [1, 2], position: 0, outputs: [2] }],
    ["invalid-argument", { tokens: [1, 2], position: 0, outputs: [1, 0] }],
    ["invalid-argument", { tokens: [1, 2, 3], position: 0, outputs: [0, 1, 2] }],
  ] as const)("refuses with %s: %j", async (expected, request) => {
    const plan = await loaded();
    await expect(plan.run(request)).rejects.toEqual(code(expected));
  });

  it("refuses tensors that are not the graph's, and runs before all are loaded", async () => {
    const plan = await createReferenceBackend().compile(GRAPH, OPTIONS);
    const run = () => plan.run({ tokens: [1], position: 0, outputs: [0] });
    await expect(run()).rejects.toEqual(code("no-weights"));
    await expect(plan.load([tensor("other", TABLE, [WIDTH, 5])], {})).rejects.toEqual(code("invalid-argument"));
    await expect(plan.load([tensor("table", TABLE.slice(2), [WIDTH, 4])], {})).rejects.toEqual(
      code("invalid-argument"),
    );
    await plan.close();
    await expect(run()).rejects.toEqual(code("closed"));
  });

  it("reports weights that cannot be allocated as out-of-memory", async () => {
    const values = GRAPH.values.with(0, { kind: "weight", name: "table", dtype: "F32", shape: [2 ** 24, 2 ** 24] });
    await expect(createReferenceBackend().compile({ ...GRAPH, values }, OPTIONS)).rejects.toEqual(
      code("out-of-memory"),
    );
  });

  it("stops soon after the signal, in the midst of one large op, and can be used again", async () => {
    const [width, vocabulary, tokens] = [1024, 2048, 512];
    const graph: Graph = {
      values: [
        { kind: "weight", name: "table", dtype: "F32", shape: [width, vocabulary] },
        { kind: "activation", name: "x", width, rows: "tokens" },
        { kind: "activation", name: "y", width: vocabulary, rows: "tokens" },
        { kind: "activation", name: "logits", width: vocabulary, rows: "outputs" },
      ],
      ops: [
        { op: "embed", inputs: [0], output: 1, params: {} },
        { op: "matmul", inputs: [1, 0], output: 2, params: {} },
        { op: "select_outputs", inputs: [2], output: 3, params: {} },
      ],
      output: 3,
      cacheLayers: [],
    };
    const options: CompileOptions = { contextLength: tokens, batchSize: tokens, outputRows: 1, cacheType: "f32" };
    const plan = await createReferenceBackend().compile(graph, options);
    await plan.load([tensor("table", new Float32Array(width * vocabulary).fill(1), [width, vocabulary])], {});

    const abort = new AbortController();
    const running = plan.run({ tokens: new Array(tokens).fill(0), position: 0, outputs: [0], signal: abort.signal });
    let turns = 0;
    const timer = setInterval(() => {
      if (++turns === 3) abort.abort();
    }, 0);
    await expect(running).rejects.toEqual(code("aborted"));
    clearInterval(timer);
    // The op had not run to its end: its billion products take many more turns of the event loop.
    expect(turns).toBeLessThan(6);
    const raised = plan.run({ tokens: [0], position: 0, outputs: [0], signal: AbortSignal.abort() });
    await expect(raised).rejects.toBeInstanceOf(WebggufError);
    expect((await plan.run({ tokens: [0], position: 0, outputs: [0] }))[0][7]).toBe(width);
  });
});
