import { describe, expect, it } from "vitest";
import { bytesSource } from "../../test/golden.ts";
import { TINY, type TinyModelOptions, tinyModel } from "../../test/tiny-model.ts";
import { createReferenceBackend } from "../backends/reference/index.ts";
import { openGguf } from "../gguf/open.ts";
import { buildModel } from "./registry.ts";

/**
 * The models' graphs on the reference backend against a forward pass that shares no code with them: one token after
 * another, plain lists of float64, rotations as complex numbers.
 */

type Row = number[];

interface Rotation {
  readonly neighbours: boolean;
  /** The angle of a pair at position 1. */
  readonly frequency: (pair: number) => number;
  readonly magnitude: number;
}

const plainFrequency = (headSize: number) => (pair: number) => 10000 ** (-(2 * pair) / headSize);

class Forward {
  readonly #weights: ReadonlyMap<string, Float32Array>;
  readonly #options: TinyModelOptions;
  readonly #rotation: Rotation;
  readonly #keys: Row[][][] = Array.from({ length: TINY.layers }, () => []);
  readonly #values: Row[][][] = Array.from({ length: TINY.layers }, () => []);

  constructor(weights: ReadonlyMap<string, Float32Array>, options: TinyModelOptions, rotation: Rotation) {
    this.#weights = weights;
    this.#options = options;
    this.#rotation = rotation;
  }

  /** Logits after `token` at the next position. */
  next(token: number): Row {
    const position = this.#keys[0].length;
    let x = this.#rows("token_embd.weight", TINY.width)[token];
    for (let layer = 0; layer < TINY.layers; layer++) {
      const blk = `blk.${layer}`;
      const attended = this.#attend(norm(x, this.#list(`${blk}.attn_norm.weight`)), layer, position);
      x = sum(x, this.#linear(attended, `${blk}.attn_output`));
      x = sum(x, this.#feedForward(norm(x, this.#list(`${blk}.ffn_norm.weight`)), blk));
    }
    const final = norm(x, this.#list("output_norm.weight"));
    return this.#linear(final, this.#weights.has("output.weight") ? "output" : "token_embd");
  }

  #attend(x: Row, layer: number, position: number): Row {
    const blk = `blk.${layer}`;
    const heads = (name: string, count: number): Row[] => {
      let split = chunks(this.#linear(x, `${blk}.${name}`), count);
      const gain = this.#weights.get(`${blk}.${name}_norm.weight`);
      if (gain) split = split.map((head) => norm(head, Array.from(gain)));
      return split;
    };
    const queries = heads("attn_q", TINY.heads).map((head) => this.#rotate(head, position));
    this.#keys[layer].push(heads("attn_k", TINY.kvHeads).map((head) => this.#rotate(head, position)));
    this.#values[layer].push(heads("attn_v", TINY.kvHeads));
    return queries.flatMap((query, head) => {
      const shared = Math.floor((head * TINY.kvHeads) / TINY.heads);
      const shares = softmax(this.#keys[layer].map((keys) => product(query, keys[shared]) / Math.sqrt(query.length)));
      const seen = this.#values[layer].map((values) => values[shared]);
      return seen[0].map((_, i) =>
        product(
          shares,
          seen.map((value) => value[i]),
        ),
      );
    });
  }

  #rotate(head: Row, position: number): Row {
    const { neighbours, frequency, magnitude } = this.#rotation;
    const half = head.length / 2;
    const turned = [...head];
    for (let pair = 0; pair < half; pair++) {
      const [re, im] = neighbours ? [2 * pair, 2 * pair + 1] : [pair, pair + half];
      const divisor = this.#weights.get("rope_freqs.weight")?.[pair] ?? 1;
      const angle = (position * frequency(pair)) / divisor;
      turned[re] = magnitude * (head[re] * Math.cos(angle) - head[im] * Math.sin(angle));
      turned[im] = magnitude * (head[re] * Math.sin(angle) + head[im] * Math.cos(angle));
    }
    return turned;
  }

  #feedForward(x: Row, blk: string): Row {
    const { mixture } = this.#options;
    const gated = (gate: Row, up: Row): Row => gate.map((g, i) => (g / (1 + Math.exp(-g))) * up[i]);
    if (!mixture) {
      return this.#linear(
        gated(this.#linear(x, `${blk}.ffn_gate`), this.#linear(x, `${blk}.ffn_up`)),
        `${blk}.ffn_down`,
      );
    }
    const shares = softmax(this.#linear(x, `${blk}.ffn_gate_inp`));
    const threshold = [...shares].sort((a, b) => b - a)[mixture.used - 1];
    const kept = shares.map((share) => (share >= threshold ? share : 0));
    const total = kept.reduce((a, b) => a + b);
    let y: Row = new Array(TINY.width).fill(0);
    kept.forEach((share, expert) => {
      const through = (input: Row, name: string): Row => {
        const all = this.#rows(`${blk}.${name}.weight`, input.length);
        return chunks(all, mixture.experts)[expert].map((row) => product(row, input));
      };
      const hidden = gated(through(x, "ffn_gate_exps"), through(x, "ffn_up_exps"));
      y = sum(
        y,
        through(hidden, "ffn_down_exps").map((value) => (value * share) / total),
      );
    });
    return y;
  }

  #linear(x: Row, name: string): Row {
    const bias = this.#weights.get(`${name}.bias`);
    return this.#rows(`${name}.weight`, x.length).map((row, o) => product(row, x) + (bias?.[o] ?? 0));
  }

  #rows(name: string, width: number): Row[] {
    const flat = this.#list(name);
    return chunks(flat, flat.length / width);
  }

  #list(name: string): Row {
    return Array.from(this.#weights.get(name) as Float32Array);
  }
}

const product = (a: Row, b: Row): number => a.reduce((total, value, i) => total + value * b[i], 0);
const sum = (a: Row, b: Row): Row => a.map((value, i) => value + b[i]);

function norm(x: Row, gain: Row): Row {
  const root = Math.sqrt(product(x, x) / x.length + TINY.eps);
  return x.map((value, i) => (value / root) * gain[i]);
}

function softmax(x: Row): Row {
  const exps = x.map((value) => Math.exp(value - Math.max(...x)));
  const total = exps.reduce((a, b) => a + b);
  return exps.map((value) => value / total);
}

function chunks<T>(list: readonly T[], count: number): T[][] {
  const size = list.length / count;
  return Array.from({ length: count }, (_, i) => list.slice(i * size, (i + 1) * size));
}

interface ForwardCase {
  readonly title: string;
  readonly options: TinyModelOptions;
  readonly rotation?: Partial<Rotation>;
}

const float = (value: number) => ({ type: "float32", value }) as const;
const text = (value: string) => ({ type: "string", value }) as const;

const CASES: readonly ForwardCase[] = [
  { title: "llama", options: { architecture: "llama" } },
  { title: "llama with all biases, tied", options: { architecture: "llama", biases: "all", tied: true } },
  { title: "llama with rope_freqs", options: { architecture: "llama", ropeFreqs: true } },
  { title: "llama with own head sizes", options: { architecture: "llama", headSizes: { key: 10, value: 6 } } },
  { title: "llama with experts", options: { architecture: "llama", mixture: { experts: 5, used: 2 } } },
  {
    title: "llama with linear scaling",
    options: {
      architecture: "llama",
      metadata: { "llama.rope.scaling.type": text("linear"), "llama.rope.scaling.factor": float(4) },
    },
    rotation: { frequency: (pair) => plainFrequency(4)(pair) / 4 },
  },
  {
    title: "llama with scaling switched off and another base",
    options: {
      architecture: "llama",
      metadata: {
        "llama.rope.scaling.type": text("none"),
        "llama.rope.scaling.factor": float(4),
        "llama.rope.freq_base": float(500),
      },
    },
    rotation: { frequency: (pair) => 500 ** (-pair / 2) },
  },
  {
    // Heads of 10 turn by 1, 0.158, 0.0251, 0.00398, 0.00063. Within 64 positions pair x turns 32 times for x = -0.62
    // and once for x = 1.26, so the ramp falls from pair 0 to pair 2: 1, 1/2, 0, 0, 0.
    title: "llama with yarn",
    options: {
      architecture: "llama",
      headSizes: { key: 10, value: 10 },
      metadata: {
        "llama.rope.scaling.type": text("yarn"),
        "llama.rope.scaling.factor": float(8),
        "llama.rope.scaling.original_context_length": { type: "uint32", value: 64 },
        "llama.rope.scaling.attn_factor": float(1.5),
      },
    },
    rotation: {
      frequency: (pair) => plainFrequency(10)(pair) * [1, 0.5 + 0.5 / 8, 1 / 8, 1 / 8, 1 / 8][pair],
      magnitude: 1.5 * (1 + 0.1 * Math.log(8)),
    },
  },
  { title: "qwen2", options: { architecture: "qwen2", biases: "qkv" }, rotation: { neighbours: false } },
  {
    title: "qwen3",
    options: { architecture: "qwen3", headSizes: { key: 8, value: 8 } },
    rotation: { neighbours: false },
  },
];

describe("graphs against an independent forward pass", () => {
  const tokens = [3, 17, 28, 0, 3, 3, 21, 9, 14, 2, 25];

  it.each(CASES)("$title", async ({ options, rotation }) => {
    const { file, weights } = tinyModel(options);
    const headSize = options.headSizes?.key ?? TINY.width / TINY.heads;
    const plain: Rotation = { neighbours: true, frequency: plainFrequency(headSize), magnitude: 1 };
    const forward = new Forward(weights, options, { ...plain, ...rotation });
    const expected = tokens.map((token) => forward.next(token));

    const { metadata, tensors } = await openGguf([bytesSource("tiny.gguf", file)]);
    const { graph } = buildModel(metadata, tensors);
    const compileOptions = { contextLength: 16, batchSize: 8, outputRows: 8, cacheType: "f32" } as const;
    const plan = await createReferenceBackend().compile(graph, compileOptions);
    await plan.load([...tensors.values()], {});
    const first = await plan.run({ tokens: tokens.slice(0, 8), position: 0, outputs: [0, 1, 2, 3, 4, 5, 6, 7] });
    const second = await plan.run({ tokens: tokens.slice(8), position: 8, outputs: [0, 2] });

    const close = (row: Float32Array, position: number): void =>
      row.forEach((logit, id) => {
        expect(Math.abs(logit - expected[position][id])).toBeLessThan(2e-5);
      });
    first.forEach(close);
    close(second[0], 8);
    close(second[1], 10);
    await plan.close();
  });
});
