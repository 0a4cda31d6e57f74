import type {
  SamplingBenchOptions,
  SamplingBenchResult,
  TokenizerBenchOptions,
  TokenizerBenchResult,
} from "../core/api.ts";
import { WebggufError } from "../core/errors.ts";
import { SamplerChain } from "../sampling/chain.ts";
import { Random } from "../sampling/random.ts";
import type { Tokenizer } from "../tokenizer/index.ts";
import { timeCalls } from "./bench.ts";
import { checkCounts } from "./prompt.ts";

/** Larger than any vocabulary there is; 16 MB of logits. */
const MOST_TOKENS = 1 << 22;
/** Tokens that penalties see. */
const HISTORY = 64;

/** See `Webgguf.benchSampling`. */
export async function benchSampling(options: SamplingBenchOptions): Promise<SamplingBenchResult> {
  const { vocabularySize, sampling, signal } = options;
  checkCounts({ vocabularySize }, 1);
  if (vocabularySize > MOST_TOKENS) {
    throw new WebggufError(
      "invalid-argument",
      `\`vocabularySize\` must be at most ${MOST_TOKENS}, not ${vocabularySize}.`,
    );
  }
  const chain = new SamplerChain({ seed: 1, ...sampling }, vocabularySize, HISTORY);
  const random = new Random(1);
  const logits = new Float32Array(vocabularySize);
  for (let i = 0; i < vocabularySize; i++) logits[i] = 3 * gaussian(random);
  for (let i = 0; i < HISTORY; i++) chain.accept(Math.floor(random.next() * vocabularySize));
  return { milliseconds: await timeCalls(options, signal, () => chain.accept(chain.sample(logits))) };
}

/** See `Model.benchTokenizer`. */
export async function benchTokenizer(
  tokenizer: Tokenizer,
  options: TokenizerBenchOptions,
  signal: AbortSignal,
): Promise<TokenizerBenchResult> {
  const { text } = options;
  const tokens = tokenizer.encode(text);
  return {
    bytes: new TextEncoder().encode(text).length,
    tokens: tokens.length,
    encode: await timeCalls(options, signal, () => tokenizer.encode(text)),
    decode: await timeCalls(options, signal, () => tokenizer.decode(tokens)),
  };
}

/** Box and Muller 1958. */
function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}
