import type { SamplingOptions } from "../core/api.ts";

const NO_FILTERS = { topK: 0, topP: 1, minP: 0, typicalP: 1, repeatPenalty: 1 } as const;

/** Each way of choosing a token on its own, and the defaults together. */
export const SAMPLING_STRATEGIES: Readonly<Record<string, SamplingOptions>> = {
  greedy: { ...NO_FILTERS, temperature: 0 },
  temperature: { ...NO_FILTERS, temperature: 0.8 },
  "top-k": { ...NO_FILTERS, temperature: 0.8, topK: 40 },
  "top-p": { ...NO_FILTERS, temperature: 0.8, topP: 0.95 },
  "min-p": { ...NO_FILTERS, temperature: 0.8, minP: 0.05 },
  "typical-p": { ...NO_FILTERS, temperature: 0.8, typicalP: 0.95 },
  penalties: { ...NO_FILTERS, temperature: 0, repeatPenalty: 1.1, presencePenalty: 0.5, frequencyPenalty: 0.5 },
  defaults: {},
};
