import type { Kernel } from "../kernel.ts";
import {
  type SamplerBuffers,
  type SamplerSettings,
  samplerBytes,
  samplerDispatches,
  samplerWords,
} from "../kernels/sampling.ts";
import { type CaseBuffers, gaussian, type KernelCase } from "./case.ts";

/** Over several slices. */
const VOCABULARY = 5000;
const STEPS = 8;
const LIKELY = [17, 2100, 4999];
/** What draws of seed 7 choose among three tokens that are equally likely. */
const DRAWN = [4999, 2100, 17, 2100, 17, 2100, 4999, 17];

const SETTINGS: SamplerSettings = {
  temperature: 1,
  topK: 40,
  topP: 0.95,
  minP: 0.05,
  typicalP: 1,
  repeatPenalty: 1,
  repeatLastN: 0,
  presencePenalty: 0,
  frequencyPenalty: 0,
  seed: 7,
  logitBias: {},
};

/** Logits of which three are far above the others; greedy takes the highest of them. */
export const greedyCase = (_: Kernel, buffers: CaseBuffers): KernelCase =>
  samplerCase(buffers, { ...SETTINGS, temperature: 0 }, [9, 9.5, 9], Array(STEPS).fill(LIKELY[1]));

export const drawCase = (_: Kernel, buffers: CaseBuffers): KernelCase =>
  samplerCase(buffers, SETTINGS, [9, 9, 9], DRAWN);

function samplerCase(
  make: CaseBuffers,
  settings: SamplerSettings,
  likely: readonly number[],
  expected: readonly number[],
): KernelCase {
  const logits = gaussian(VOCABULARY, "logits");
  LIKELY.forEach((token, i) => {
    logits[token] = likely[i];
  });
  const bytes = samplerBytes(VOCABULARY, 1);
  const buffers: SamplerBuffers = {
    settings: make.upload(samplerWords(settings, VOCABULARY, 1)),
    bias: make.storage(bytes.bias),
    counts: make.storage(bytes.counts),
    state: make.storage(bytes.state),
    candidates: make.storage(bytes.candidates),
    tokens: make.storage(4),
    results: make.storage(4 * STEPS),
  };
  const view = { buffer: make.upload(logits), offset: 0, stride: VOCABULARY };
  const greedy = settings.temperature === 0;
  const step = samplerDispatches({ logits: view, vocabulary: VOCABULARY, greedy, buffers });
  return {
    dispatches: Array.from({ length: STEPS }, () => step).flat(),
    rows: 1,
    results: [
      {
        buffer: buffers.results,
        fault(content) {
          const tokens = Array.from(new Uint32Array(content, 0, STEPS));
          if (tokens.join() === expected.join()) return undefined;
          return `chose the tokens ${tokens.join(", ")} where ${expected.join(", ")} were expected`;
        },
      },
    ],
  };
}
