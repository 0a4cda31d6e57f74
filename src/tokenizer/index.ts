import { WebggufError } from "../core/errors.ts";
import type { Metadata } from "../core/metadata.ts";
import { BytePairEncoding } from "./bpe.ts";
import { DEFAULT_PRE_TOKENIZER, PRE_TOKENIZERS, type PreTokenizer } from "./pre-tokenizers.ts";
import { SentencePiece } from "./spm.ts";
import { TextTokenizer } from "./text-tokenizer.ts";
import type { Tokenizer } from "./types.ts";
import { Vocabulary } from "./vocabulary.ts";

export type {
  DecodeOptions,
  EncodeOptions,
  StreamDecoder,
  StreamOptions,
  Tokenizer,
  TokenType,
} from "./types.ts";

/** The kinds that are there, by `tokenizer.ggml.model`. A new kind is one file and one line here. */
const KINDS: ReadonlyMap<string, { readonly name: string; readonly create: (metadata: Metadata) => Tokenizer }> =
  new Map([
    ["llama", { name: "SentencePiece BPE", create: createSentencePiece }],
    ["gpt2", { name: "byte-level BPE", create: createBytePairEncoding }],
  ]);

/** Names of kinds that are not there, for the message. */
const ABSENT: Readonly<Record<string, string>> = {
  bert: "WordPiece",
  t5: "unigram",
  rwkv: "RWKV",
  plamo2: "PLaMo-2",
  gemma4: "Gemma 4 BPE",
};

/**
 * The tokenizer that the file's `tokenizer.ggml.` keys describe.
 *
 * Throws `missing-metadata` when there is none or parts are missing, `unsupported-tokenizer` when its kind is not there,
 * `malformed` when a value is of the wrong type or lists do not fit each other.
 */
export function createTokenizer(metadata: Metadata): Tokenizer {
  const model = metadata.string("tokenizer.ggml.model");
  if (model === undefined) {
    throw new WebggufError(
      "missing-metadata",
      'The file has no "tokenizer.ggml.model": it was converted without its vocabulary. Text cannot be turned into tokens.',
    );
  }
  const kind = KINDS.get(model);
  if (kind) return kind.create(metadata);
  const name = Object.hasOwn(ABSENT, model) ? ` (${ABSENT[model]})` : "";
  const there = [...KINDS].map(([key, { name }]) => `"${key}" (${name})`).join(", ");
  throw new WebggufError(
    "unsupported-tokenizer",
    `The file's tokenizer is of the kind "${model}"${name}, which is not supported. Those that are: ${there}.`,
  );
}

/** Ids 0, 1, 2 are SentencePiece's own defaults. */
function createSentencePiece(metadata: Metadata): Tokenizer {
  const vocabulary = new Vocabulary(metadata, {
    bos: 1,
    eos: 2,
    unknown: 0,
    addBos: true,
    addEos: false,
    addSpacePrefix: true,
  });
  return new TextTokenizer("llama", vocabulary, new SentencePiece(vocabulary));
}

function createBytePairEncoding(metadata: Metadata): Tokenizer {
  const preTokenizer = preTokenizerOf(metadata);
  const vocabulary = new Vocabulary(metadata, {
    addBos: preTokenizer.rules.addBos ?? false,
    addEos: false,
    addSpacePrefix: false,
  });
  if (preTokenizer.note) vocabulary.notes.push(preTokenizer.note);
  return new TextTokenizer("gpt2", vocabulary, new BytePairEncoding(metadata, vocabulary, preTokenizer.rules));
}

function preTokenizerOf(metadata: Metadata): { readonly rules: PreTokenizer; readonly note?: string } {
  const name = metadata.string("tokenizer.ggml.pre");
  const rules = PRE_TOKENIZERS.get(name ?? "");
  if (rules) return { rules };
  const found =
    name === undefined ? 'The file names no "tokenizer.ggml.pre"' : `The pre-tokenizer "${name}" is not known`;
  return {
    rules: DEFAULT_PRE_TOKENIZER,
    note: `${found}; words are cut by the default rules. If answers look worse than they should, convert the model again.`,
  };
}
