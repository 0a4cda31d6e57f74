import type { SamplingOptions } from "../../../core/api.ts";
import { WebggufError } from "../../../core/errors.ts";
import type { Dispatch, Kernel } from "../kernel.ts";
import type { View } from "../views.ts";

/** Every option with its value, as `resolveSampling` gives them. */
export type SamplerSettings = Required<SamplingOptions>;

/** Most candidates that the last pass holds. */
export const MOST_CANDIDATES = 256;

/** Tokens that one workgroup of the first pass looks at. */
const SLICE = 2048;
/** Words of the state before its ring of tokens. */
export const STATE_HEADER = 4;

/** What the kernels of a sampler share; `samplerBytes` says how large each is. */
export interface SamplerBuffers {
  /** `samplerWords`, written once per answer. */
  readonly settings: GPUBuffer;
  /** F32 per token, added to its logit; read if the settings have any bias. */
  readonly bias: GPUBuffer;
  /** U32 per token: how often it stands in the ring. Kept by the kernels. */
  readonly counts: GPUBuffer;
  /** U32: steps done, place of the next token in the ring, tokens in the ring, 0; then the ring. Kept by the kernels. */
  readonly state: GPUBuffer;
  /** Valid within one step only. */
  readonly candidates: GPUBuffer;
  /** Word 0 is set to the token, the input of the next step. */
  readonly tokens: GPUBuffer;
  /** Step s leaves its token, or a word that `checkedToken` refuses, in word s modulo the number of words. */
  readonly results: GPUBuffer;
}

const slicesOf = (vocabulary: number): number => Math.ceil(vocabulary / SLICE);

export function samplerBytes(vocabulary: number, contextLength: number) {
  return {
    settings: 56,
    bias: vocabulary * 4,
    counts: vocabulary * 4,
    state: (STATE_HEADER + contextLength) * 4,
    candidates: slicesOf(vocabulary) * Math.min(MOST_CANDIDATES, vocabulary) * 8,
  };
}

/** Whether the answer needs nothing but the likeliest token, after bias and penalties. */
export const isGreedy = ({ temperature, typicalP }: Pick<SamplerSettings, "temperature" | "typicalP">): boolean =>
  temperature === 0 && typicalP >= 1;

/**
 * Whether the kernels can choose tokens by these settings: greedy, or among at most `MOST_CANDIDATES` tokens. They give no
 * log-probabilities.
 */
export function gpuCanSample(
  settings: Pick<SamplerSettings, "temperature" | "typicalP" | "topK">,
  vocabulary: number,
): boolean {
  return isGreedy(settings) || candidatesOf(settings, vocabulary) <= MOST_CANDIDATES;
}

const candidatesOf = ({ topK }: { topK: number }, vocabulary: number): number =>
  Math.min(topK || vocabulary, vocabulary);

/** How many of the last tokens the penalties look at; 0 when no penalty is on. */
export function penalizedTokens(settings: SamplerSettings, contextLength: number): number {
  const { repeatLastN, repeatPenalty, presencePenalty, frequencyPenalty } = settings;
  if (repeatPenalty === 1 && presencePenalty === 0 && frequencyPenalty === 0) return 0;
  return repeatLastN < 0 ? contextLength : Math.min(repeatLastN, contextLength);
}

/** The settings buffer's content: the words that shaders/lib/sampler.wgsl names. */
export function samplerWords(
  settings: SamplerSettings,
  vocabulary: number,
  contextLength: number,
): Uint32Array<ArrayBuffer> {
  const lastN = penalizedTokens(settings, contextLength);
  const hasBias = Object.keys(settings.logitBias).length > 0;
  const seed = BigInt.asUintN(64, BigInt(settings.seed));
  const words = new Uint32Array(14);
  words[0] = (lastN > 0 ? 1 : 0) | (hasBias ? 2 : 0);
  words[1] = candidatesOf(settings, vocabulary);
  new Float32Array(words.buffer, 8, 7).set([
    settings.typicalP,
    settings.topP,
    Math.max(Math.log(settings.minP), -1e30),
    // Differences of logits stay finite however cold it is.
    settings.temperature === 0 ? 0 : Math.min(1 / settings.temperature, 1e30),
    settings.repeatPenalty,
    settings.presencePenalty,
    settings.frequencyPenalty,
  ]);
  words[9] = lastN;
  words[10] = Number(seed & 0xffffffffn);
  words[11] = Number(seed >> 32n);
  words[12] = vocabulary;
  words[13] = slicesOf(vocabulary);
  return words;
}

export interface SamplerRequest {
  /** Its row 0 is sampled from; it is left as it is. */
  readonly logits: View;
  /** Numbers of the row that stand for tokens. */
  readonly vocabulary: number;
  /** By the settings' `isGreedy`; everything else about them stands in a buffer. */
  readonly greedy: boolean;
  readonly buffers: SamplerBuffers;
}

/**
 * Two dispatches that choose a token and hand it on: to the next step, to the penalties, to the results. The same kernels in
 * every variant.
 */
export function samplerDispatches({ logits, vocabulary, greedy, buffers }: SamplerRequest): Dispatch[] {
  const { settings, bias, counts, state, candidates, tokens, results } = buffers;
  const slices = slicesOf(vocabulary);
  const [select, choose] = samplerKernels(logits.offset, greedy);
  return [
    {
      kernel: select,
      buffers: [settings, logits.buffer, counts, bias, candidates],
      workgroups: () => [slices, 1, 1],
      label: "sample.select",
    },
    {
      kernel: choose,
      buffers: [settings, candidates, state, counts, tokens, results],
      workgroups: () => [1, 1, 1],
      label: "sample.choose",
    },
  ];
}

/** The kernels of these dispatches. */
export function samplerKernels(logitsAt: number, greedy: boolean): [select: Kernel, choose: Kernel] {
  const kernel = (name: string): Kernel => ({
    file: `ops/${name}.wgsl`,
    defines: [],
    weights: [],
    constants: { logits_at: logitsAt },
  });
  return greedy ? [kernel("argmax"), kernel("sample_greedy")] : [kernel("sample_top_k"), kernel("sample_draw")];
}

/**
 * The token that a word of the results stands for.
 * Throws `internal` when the logits are no numbers, `invalid-argument` when every token is ruled out.
 */
export function checkedToken(word: number): number {
  if (word === 0xffffffff) {
    throw new WebggufError(
      "internal",
      "The model's output is not a list of numbers. The file may be damaged or the device may compute wrongly; try another backend or another copy of the file.",
    );
  }
  if (word === 0xfffffffe) {
    throw new WebggufError(
      "invalid-argument",
      "No token can follow: all logits are minus infinity. Relax `logitBias`; if there is none, the model file may be damaged.",
    );
  }
  return word;
}
