import { describe, expect, it } from "vitest";
import { bytesSource } from "../../test/golden.ts";
import { TINY, type TinyModelOptions, tinyModel } from "../../test/tiny-model.ts";
import type { OpName } from "../core/graph.ts";
import type { TensorInfo } from "../core/source.ts";
import { openGguf } from "../gguf/open.ts";
import { buildModel } from "./registry.ts";

async function header(options: TinyModelOptions) {
  const { metadata, tensors } = await openGguf([bytesSource("tiny.gguf", tinyModel(options).file)]);
  return { metadata, tensors: new Map(tensors) };
}

async function build(options: TinyModelOptions) {
  const { metadata, tensors } = await header(options);
  return buildModel(metadata, tensors);
}

const size = (value: number) => ({ type: "uint32", value }) as const;
const sizes = (value: number[]) => ({ type: "array", of: "uint32", value }) as const;

describe("hyper-parameters", () => {
  it("are read from the header and the embedding table", async () => {
    const { architecture, hyperparameters } = await build({ architecture: "qwen2" });
    expect(architecture).toBe("qwen2");
    expect(hyperparameters).toMatchObject({
      embeddingLength: TINY.width,
      layerCount: TINY.layers,
      trainedContextLength: 128,
      vocabularySize: TINY.vocabulary,
      headCount: TINY.heads,
    });
  });

  it("may be given per layer", async () => {
    const metadata = { "llama.attention.head_count_kv": sizes([2, 2]), "llama.feed_forward_length": sizes([20, 20]) };
    const { graph } = await build({ architecture: "llama", metadata });
    expect(graph).toEqual((await build({ architecture: "llama" })).graph);
  });

  it("take a scaling factor of 0, a missing type and the old key as llama.cpp does", async () => {
    const scaleOf = async (metadata: TinyModelOptions["metadata"]) => {
      const { graph } = await build({ architecture: "llama", metadata });
      return graph.ops.flatMap((op) => (op.op === "rope" ? [op.params.freqScale] : []))[0];
    };
    expect(await scaleOf({ "llama.rope.scaling.factor": { type: "float32", value: 0 } })).toBe(1);
    expect(await scaleOf({ "llama.rope.scaling.factor": { type: "float32", value: 2 } })).toBe(0.5);
    expect(await scaleOf({ "llama.rope.scale_linear": { type: "float32", value: 4 } })).toBe(0.25);
  });
});

describe("graphs", () => {
  const dense: OpName[] = ["rms_norm", "matmul", "matmul", "glu", "matmul", "add"];

  it("follow the paper's order, and narrow to the wanted rows in the last layer", async () => {
    const { graph } = await build({ architecture: "llama" });
    const attention: OpName[] = ["rms_norm", "matmul", "matmul", "matmul", "rope", "rope", "kv_append", "attention"];
    expect(graph.ops.map(({ op }) => op)).toEqual([
      "embed",
      ...attention,
      ...["matmul", "add", ...dense],
      ...attention,
      ...["select_outputs", "select_outputs", "matmul", "add", ...dense],
      ...["rms_norm", "matmul"],
    ]);
    expect(graph.cacheLayers).toEqual(new Array(2).fill({ keyWidth: 8, valueWidth: 8 }));
    expect(graph.values[graph.output]).toMatchObject({ name: "output", width: TINY.vocabulary, rows: "outputs" });
  });

  it("use every tensor of the file exactly once", async () => {
    for (const options of [
      { architecture: "llama", biases: "all", ropeFreqs: true },
      { architecture: "llama", mixture: { experts: 4, used: 2 } },
      { architecture: "qwen2", biases: "qkv", tied: true },
      { architecture: "qwen3" },
    ] as const) {
      const { metadata, tensors } = await header(options);
      const { graph } = buildModel(metadata, tensors);
      const names = graph.values.flatMap((value) => (value.kind === "weight" ? [value.name] : []));
      expect(names.sort()).toEqual([...tensors.keys()].sort());
    }
  });

  it("make every value before it is read, and each only once", async () => {
    const { graph } = await build({ architecture: "qwen3", mixture: undefined });
    const made = new Set<number>();
    for (const { inputs, output } of graph.ops) {
      for (const id of inputs) expect(graph.values[id].kind === "weight" || made.has(id)).toBe(true);
      if (output === null) continue;
      expect(made.has(output)).toBe(false);
      made.add(output);
    }
  });
});

describe("errors", () => {
  const broken: { title: string; options: TinyModelOptions; code: string; says: RegExp[] }[] = [
    {
      title: "a tensor is missing",
      options: { architecture: "llama", without: ["blk.1.ffn_up.weight"] },
      code: "missing-tensor",
      says: [/blk\.1\.ffn_up\.weight/, /\[24, 20\]/],
    },
    {
      title: "the embedding table is missing",
      options: { architecture: "llama", without: ["token_embd.weight"] },
      code: "missing-tensor",
      says: [/token_embd\.weight/],
    },
    {
      title: "a head norm of qwen3 is missing",
      options: { architecture: "qwen3", without: ["blk.0.attn_k_norm.weight"] },
      code: "missing-tensor",
      says: [/blk\.0\.attn_k_norm\.weight/],
    },
    {
      title: "a tensor has another shape",
      options: { architecture: "qwen2", metadata: { "qwen2.feed_forward_length": size(21) } },
      code: "malformed",
      says: [/blk\.0\.ffn_gate\.weight/, /\[24, 20\]/, /\[24, 21\]/],
    },
    {
      title: "the embedding table has another width",
      options: { architecture: "llama", metadata: { "llama.embedding_length": size(30) } },
      code: "malformed",
      says: [/token_embd\.weight/, /\[24, 29\]/, /30/],
    },
    {
      title: "a key is missing",
      options: { architecture: "llama", metadata: { "llama.block_count": undefined } },
      code: "missing-metadata",
      says: [/llama\.block_count/],
    },
    {
      title: "the architecture is missing",
      options: { architecture: "llama", metadata: { "general.architecture": undefined } },
      code: "missing-metadata",
      says: [/general\.architecture/],
    },
    {
      title: "the architecture is unknown",
      options: { architecture: "llama", metadata: { "general.architecture": { type: "string", value: "rwkv9" } } },
      code: "unsupported-architecture",
      says: [/rwkv9/, /llama, qwen2, qwen3/],
    },
    {
      title: "there are absurdly many layers",
      options: { architecture: "llama", metadata: { "llama.block_count": size(4_000_000_000) } },
      code: "malformed",
      says: [/llama\.block_count/, /4000000000/],
    },
    {
      title: "there are no heads",
      options: { architecture: "llama", metadata: { "llama.attention.head_count": size(0) } },
      code: "malformed",
      says: [/head_count/],
    },
    {
      title: "the heads do not divide the width",
      options: { architecture: "llama", metadata: { "llama.attention.head_count": size(10) } },
      code: "malformed",
      says: [/24/, /10 attention heads/],
    },
    {
      title: "the key/value heads do not divide the heads",
      options: { architecture: "llama", metadata: { "llama.attention.head_count_kv": size(4) } },
      code: "malformed",
      says: [/6 attention heads and 4/],
    },
    {
      title: "a list per layer is too short",
      options: { architecture: "llama", metadata: { "llama.attention.head_count": sizes([6]) } },
      code: "malformed",
      says: [/head_count/, /1 numbers/, /2 layers/],
    },
    {
      title: "more numbers turn than a head has",
      options: { architecture: "llama", metadata: { "llama.rope.dimension_count": size(6) } },
      code: "malformed",
      says: [/dimension_count/, /6/, /4/],
    },
    {
      title: "epsilon is no number greater than 0",
      options: {
        architecture: "llama",
        metadata: { "llama.attention.layer_norm_rms_epsilon": { type: "float32", value: Number.NaN } },
      },
      code: "malformed",
      says: [/layer_norm_rms_epsilon/, /NaN/],
    },
    {
      title: "more experts are used than there are",
      options: { architecture: "llama", mixture: { experts: 3, used: 4 } },
      code: "malformed",
      says: [/expert_used_count/, /4/, /3/],
    },
    {
      title: "the rotary scaling is of another kind",
      options: {
        architecture: "llama",
        metadata: { "llama.rope.scaling.type": { type: "string", value: "longrope" } },
      },
      code: "unsupported-architecture",
      says: [/longrope/, /none, linear and yarn/],
    },
  ];

  it.each(broken)("$code when $title", async ({ options, code, says }) => {
    const error = await build(options).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ name: "WebggufError", code });
    for (const part of says) expect((error as Error).message).toMatch(part);
  });

  /** A header with one more tensor, a copy of another under a new name. */
  async function withCopy(options: TinyModelOptions, from: string, name: string) {
    const { metadata, tensors } = await header(options);
    tensors.set(name, { ...(tensors.get(from) as TensorInfo), name });
    return () => buildModel(metadata, tensors);
  }

  it("missing-tensor for experts stored one by one, with advice", async () => {
    const mixture = { experts: 4, used: 2 };
    const without = ["blk.0.ffn_gate_exps.weight"];
    const act = await withCopy({ architecture: "llama", mixture, without }, "output.weight", "blk.0.ffn_gate.0.weight");
    expect(act).toThrow(/blk\.0\.ffn_gate\.0\.weight.*Convert the model again/);
  });

  it("unsupported-quantization for a matrix with a scale of its own", async () => {
    const act = await withCopy({ architecture: "llama" }, "output_norm.weight", "blk.1.ffn_up.scale");
    expect(act).toThrow(/blk\.1\.ffn_up\.scale/);
  });
});
