/** The numbers that make up a model, in the words of its published configuration. */
export interface ModelShape {
  readonly name: string;
  readonly architecture: "llama" | "qwen2" | "qwen3" | "gemma-embedding";
  readonly layers: number;
  readonly width: number;
  readonly feedForward: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
  readonly vocabularySize: number;
  /** Whether the output matrix is the token embedding. */
  readonly tiedEmbeddings: boolean;
  readonly ropeBase: number;
  readonly epsilon: number;
  readonly contextLength: number;
  /** Llama 3's rotary scaling by frequency: how much the slow pairs are slowed down. */
  readonly ropeFactor?: number;
  /** Gemma's layers that see so many positions only, five of every six, with a rotary base of their own. */
  readonly slidingWindow?: number;
  readonly slidingRopeBase?: number;
  /** Embedding models: width between the two matrices that follow the mean of all rows. */
  readonly denseWidth?: number;
}

/** Published models whose shapes are used for measurements; all of them can be run. */
export const SHAPES = {
  "qwen2.5-0.5b": {
    name: "Qwen2.5 0.5B",
    architecture: "qwen2",
    layers: 24,
    width: 896,
    feedForward: 4864,
    heads: 14,
    kvHeads: 2,
    headSize: 64,
    vocabularySize: 151_936,
    tiedEmbeddings: true,
    ropeBase: 1e6,
    epsilon: 1e-6,
    contextLength: 32_768,
  },
  "llama-3.2-1b": {
    name: "Llama 3.2 1B",
    architecture: "llama",
    layers: 16,
    width: 2048,
    feedForward: 8192,
    heads: 32,
    kvHeads: 8,
    headSize: 64,
    vocabularySize: 128_256,
    tiedEmbeddings: true,
    ropeBase: 5e5,
    epsilon: 1e-5,
    contextLength: 131_072,
    ropeFactor: 32,
  },
  "qwen3-4b": {
    name: "Qwen3 4B",
    architecture: "qwen3",
    layers: 36,
    width: 2560,
    feedForward: 9728,
    heads: 32,
    kvHeads: 8,
    headSize: 128,
    vocabularySize: 151_936,
    tiedEmbeddings: true,
    ropeBase: 1e6,
    epsilon: 1e-6,
    contextLength: 40_960,
  },
  "llama-3.1-8b": {
    name: "Llama 3.1 8B",
    architecture: "llama",
    layers: 32,
    width: 4096,
    feedForward: 14_336,
    heads: 32,
    kvHeads: 8,
    headSize: 128,
    vocabularySize: 128_256,
    tiedEmbeddings: false,
    ropeBase: 5e5,
    epsilon: 1e-5,
    contextLength: 131_072,
    ropeFactor: 8,
  },
  "qwen2.5-coder-14b": {
    name: "Qwen2.5 Coder 14B",
    architecture: "qwen2",
    layers: 48,
    width: 5120,
    feedForward: 13_824,
    heads: 40,
    kvHeads: 8,
    headSize: 128,
    vocabularySize: 152_064,
    tiedEmbeddings: false,
    ropeBase: 1e6,
    epsilon: 1e-6,
    contextLength: 32_768,
  },
  tiny: {
    name: "Tiny",
    architecture: "qwen2",
    layers: 2,
    width: 256,
    feedForward: 512,
    heads: 4,
    kvHeads: 2,
    headSize: 64,
    vocabularySize: 1024,
    tiedEmbeddings: true,
    ropeBase: 1e6,
    epsilon: 1e-6,
    contextLength: 2048,
  },
} as const satisfies Record<string, ModelShape>;

/** Embedding models, which cannot be run yet: their files are for other programs. */
export const EMBEDDING_SHAPES = {
  "embeddinggemma-300m": {
    name: "EmbeddingGemma 300M",
    architecture: "gemma-embedding",
    layers: 24,
    width: 768,
    feedForward: 1152,
    heads: 3,
    kvHeads: 1,
    headSize: 256,
    vocabularySize: 262_144,
    tiedEmbeddings: true,
    ropeBase: 1e6,
    epsilon: 1e-6,
    contextLength: 2048,
    slidingWindow: 512,
    slidingRopeBase: 1e4,
    denseWidth: 3072,
  },
} as const satisfies Record<string, ModelShape>;

export type ShapeName = keyof typeof SHAPES;
