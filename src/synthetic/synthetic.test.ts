import { describe, expect, it } from "vitest";
import { MemorySource, tinyModel } from "../../test/fixtures.ts";
import { DTYPES, type DType } from "../core/dtype.ts";
import { openModel } from "../engine/index.ts";
import { openGguf } from "../gguf/open.ts";
import { ggufBytes, ggufSize, writeGguf } from "../gguf/writer.ts";
import { dequantize } from "../quant/index.ts";
import { f16ToF32 } from "../quant/scalar.ts";
import { createTokenizer } from "../tokenizer/index.ts";
import { randomWeights } from "./blocks.ts";
import { bf16Bits, f16Bits } from "./half.ts";
import { MIX_NAMES, type Mix, mixChoice } from "./mixes.ts";
import { syntheticModel } from "./model.ts";
import { Random } from "./random.ts";
import { EMBEDDING_SHAPES, type ModelShape, SHAPES } from "./shapes.ts";
import { bpeVocabulary } from "./vocabulary.ts";

const ALL_TYPES = Object.keys(DTYPES) as DType[];

function concatenated(chunks: Iterable<Uint8Array>): Uint8Array {
  return new Uint8Array(Buffer.concat([...chunks]));
}

describe("random weights", () => {
  it.each(ALL_TYPES)("of type %s are finite, centred and of the wanted size", (dtype) => {
    const elements = 2 ** 18;
    const sigma = 0.03;
    const bytes = concatenated(randomWeights(dtype, elements, sigma, new Random(5)));
    const values = dequantize(dtype, bytes, elements);
    const mean = values.reduce((sum, value) => sum + value, 0) / elements;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / elements);
    expect(values.every(Number.isFinite)).toBe(true);
    expect(Math.abs(mean)).toBeLessThan(0.1 * sigma);
    expect(deviation).toBeGreaterThan(0.7 * sigma);
    expect(deviation).toBeLessThan(1.4 * sigma);
  });

  it("of Q8_0 stay within -127 to 127", () => {
    const bytes = concatenated(randomWeights("Q8_0", 2 ** 16, 0.03, new Random(5)));
    const quants = bytes.filter((_, index) => index % 34 >= 2);
    expect(quants.length).toBe(2 ** 16);
    expect(quants.includes(0x80)).toBe(false);
    expect(quants.includes(0x81)).toBe(true);
  });
});

describe("small floats", () => {
  it("every finite half comes back from its value", () => {
    for (let half = 0; half < 0x10000; half++) {
      if ((half & 0x7c00) !== 0x7c00 && f16Bits(f16ToF32(half)) !== half) expect(half).toBe(-1);
    }
  });

  it("rounds to even", () => {
    expect(f16Bits(1 + 2 ** -11)).toBe(0x3c00);
    expect(f16Bits(1 + 3 * 2 ** -11)).toBe(0x3c02);
    expect(f16Bits(2 - 2 ** -12)).toBe(0x4000);
    expect(f16Bits(2 ** -25)).toBe(0);
    expect(f16Bits(1e6)).toBe(0x7c00);
    expect(bf16Bits(-1)).toBe(0xbf80);
  });
});

describe("mixes", () => {
  function typesOf(published: ModelShape, mix: Mix): Map<string, DType> {
    const shape = { ...published, vocabularySize: 300 };
    const { tensors } = syntheticModel(shape, { types: mixChoice(mix, shape) });
    return new Map(tensors.map(({ name, dtype }) => [name, dtype]));
  }

  /** What llama-quantize makes of Qwen2.5 0.5B, whose rows of 896 are no multiple of 256. */
  it.each([
    ["F16", "F16", "F16", "F16", "F16"],
    ["Q4_0", "Q8_0", "Q4_0", "Q4_0", "Q4_0"],
    ["Q8_0", "Q8_0", "Q8_0", "Q8_0", "Q8_0"],
    ["Q4_K_M", "Q8_0", "Q5_0", "Q8_0", "Q6_K"],
    ["Q5_K_M", "Q8_0", "Q5_1", "Q8_0", "Q6_K"],
  ] as const)("%s of Qwen2.5 0.5B", (mix, embedding, query, value, down) => {
    const types = typesOf(SHAPES["qwen2.5-0.5b"], mix);
    const found = ["token_embd", "blk.0.attn_q", "blk.0.attn_v", "blk.0.ffn_down"].map((name) =>
      types.get(`${name}.weight`),
    );
    expect(found).toEqual([embedding, query, value, down]);
    expect(types.get("blk.0.attn_norm.weight")).toBe("F32");
    expect(types.get("blk.0.attn_q.bias")).toBe("F32");
  });

  it("Q4_K_M gives more bits to the first and last eighth of the layers and every third between", () => {
    const types = typesOf(SHAPES["llama-3.1-8b"], "Q4_K_M");
    const layers = Array.from({ length: 32 }, (_, layer) => layer);
    for (const name of ["attn_v", "ffn_down"]) {
      const more = layers.filter((layer) => types.get(`blk.${layer}.${name}.weight`) === "Q6_K");
      expect(more).toEqual([0, 1, 2, 3, 6, 9, 12, 15, 18, 21, 24, 27, 28, 29, 30, 31]);
    }
    expect(types.get("output.weight")).toBe("Q6_K");
    expect(types.get("token_embd.weight")).toBe("Q4_K");
    expect(types.get("rope_freqs.weight")).toBe("F32");
  });
});

describe("synthetic models", () => {
  it("have the parameter counts of the published ones", () => {
    const parameters = (shape: ModelShape) =>
      syntheticModel({ ...shape }, { types: mixChoice("F16", shape) }).tensors.reduce(
        (sum, tensor) => sum + tensor.shape.reduce((product, n) => product * n, 1),
        0,
      );
    expect(parameters({ ...SHAPES["qwen2.5-0.5b"] })).toBe(494_032_768);
    expect(parameters({ ...SHAPES["qwen2.5-0.5b"], vocabularySize: 32_000 })).toBe(386_570_112);
    expect(parameters({ ...SHAPES["llama-3.2-1b"] })).toBe(1_235_814_400 + 32);
  });

  it("EmbeddingGemma's shape is a whole file of an architecture that cannot be run yet", async () => {
    const shape = EMBEDDING_SHAPES["embeddinggemma-300m"];
    const { tensors } = syntheticModel(shape, { types: mixChoice("Q8_0", shape) });
    const sizes = tensors.map(({ shape }) => shape.reduce((product, n) => product * n, 1));
    // 302.9 million in the layers and the table, 4.7 million in the two matrices behind the mean.
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(302_863_104 + 2 * 768 * 3072);
    const small = { ...shape, layers: 1, vocabularySize: 2000 };
    const bytes = ggufBytes(syntheticModel(small, { types: mixChoice("Q4_0", small) }));
    const file = await openGguf([new MemorySource(bytes)]);
    const { metadata } = file;
    expect(metadata.string("general.architecture")).toBe("gemma-embedding");
    expect(metadata.string("tokenizer.chat_template")).toBeUndefined();
    expect(createTokenizer(metadata).encode("the sea", { addSpecial: true }).at(-1)).toBe(2);
    expect(file.tensors.get("blk.0.post_ffw_norm.weight")?.shape).toEqual([768]);
    expect(file.tensors.get("dense_3.weight")?.shape).toEqual([3072, 768]);
    const opened = openModel(new File([bytes], "embedding.gguf"));
    await expect(opened).rejects.toMatchObject({
      code: "unsupported-architecture",
      message: expect.stringContaining('"gemma-embedding", which cannot be run yet'),
    });
    expect(Object.keys(SHAPES)).not.toContain("embeddinggemma-300m");
  });

  it("the largest opens by its header alone: 579 tensors, 152,064 tokens", async () => {
    const shape = SHAPES["qwen2.5-coder-14b"];
    const model = syntheticModel(shape, { types: mixChoice("Q4_K_M", shape) });
    const { value: header } = await writeGguf(model).next();
    let bytesRead = 0;
    const source = {
      name: "large.gguf",
      size: ggufSize(model),
      async read(offset: number, length: number) {
        bytesRead += length;
        const bytes = new Uint8Array(length);
        bytes.set(header!.subarray(offset, offset + length));
        return bytes;
      },
    };
    const file = await openGguf([source]);
    expect([file.tensors.size, file.metadata.strings("tokenizer.ggml.tokens")!.length]).toEqual([579, 152_064]);
    expect(file.fileBytes).toBeGreaterThan(8.5e9);
    expect(bytesRead).toBeLessThan(2 * header!.length);
  });

  it.each(MIX_NAMES)("are the same bytes for the same seed, %s", (mix) => {
    const bytes = (seed: number) =>
      Buffer.from(ggufBytes(syntheticModel(SHAPES.tiny, { types: mixChoice(mix, SHAPES.tiny), seed })));
    expect(bytes(1).equals(bytes(1))).toBe(true);
    expect(bytes(1).equals(bytes(2))).toBe(false);
  });

  it("Llama 3's rotary divisors run from 1 to the factor", async () => {
    const shape = { ...SHAPES["llama-3.1-8b"], layers: 0, vocabularySize: 300 };
    const { tensors } = syntheticModel(shape, { types: mixChoice("F16", shape) });
    const bytes = concatenated(tensors.find(({ name }) => name === "rope_freqs.weight")!.data());
    const divisors = [...new Float32Array(bytes.buffer)];
    expect([divisors.length, divisors[0], divisors[28], divisors[63]]).toEqual([64, 1, 1, 8]);
    expect(divisors).toEqual([...divisors].sort((a, b) => a - b));
    expect(divisors.filter((value) => value > 1 && value < 8).length).toBe(6);
  });
});

describe("tokenizers", () => {
  it("byte-level merges join tokens that exist, in order", async () => {
    const entries = bpeVocabulary(2000, 1);
    const strings = (key: string) => entries.get(key)!.value as string[];
    const tokens = strings("tokenizer.ggml.tokens");
    const merges = strings("tokenizer.ggml.merges");
    expect([tokens.length, new Set(tokens).size, merges.length]).toEqual([2000, 2000, 2000 - 259]);
    const known = new Set(tokens.slice(0, 256));
    for (const merge of merges) {
      const [left, right] = merge.split(" ");
      if (!known.has(left) || !known.has(right)) expect(merge).toBe("of known tokens");
      known.add(left + right);
    }
    expect(tokens.slice(256, -3)).toEqual(merges.map((merge) => merge.replace(" ", "")));
  });

  it.each(["llama", "qwen2", "qwen3"] as const)("of %s give back what they take", async (architecture) => {
    const { metadata } = await openGguf([new MemorySource(tinyModel({ architecture }))]);
    const tokenizer = createTokenizer(metadata);
    const text = "The old town, at 7:30 — naïve 東京 🙂\n  and so on.";
    const tokens = tokenizer.encode(text);
    expect(tokenizer.decode(tokens).trimStart()).toBe(text);
    expect(tokens.length).toBeLessThan(new TextEncoder().encode(text).length);
    const [start] = tokenizer.encode("<|im_start|>", { parseSpecial: true }).slice(-1);
    expect(tokenizer.decode([start], { special: true })).toBe("<|im_start|>");
  });
});
