/** How a byte-level BPE vocabulary cuts a text into words before merging, and the habits that come with it. */
export interface PreTokenizer {
  /**
   * Split expressions, applied one after the other: each cuts every piece that the one before left into its matches and
   * what lies between them. Written as published, in the notation of the `regex` crate; see split.ts.
   */
  readonly split: readonly string[];
  /** A word that is a token as a whole is taken as such, whatever the merges say. */
  readonly ignoreMerges?: boolean;
  readonly addBos?: boolean;
  /** `clean_up_tokenization_spaces` of the published tokenizer. */
  readonly cleanSpaces?: boolean;
  /** Unicode normalisation of the text, where the published tokenizer has one. */
  readonly normalize?: "NFC";
}

const raw = String.raw;

const CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const SPACES = raw`\s+(?!\S)|\s+`;
const LINE_ENDS = raw`\s*[\r\n]+|${SPACES}`;
const GPT2 = raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|${SPACES}`;
const LETTERS = raw`[^\r\n\p{L}\p{N}]?\p{L}+`;
const OTHERS = raw` ?[^\s\p{L}\p{N}]+[\r\n]*`;
const LLAMA3 = raw`${CONTRACTION}|${LETTERS}|\p{N}{1,3}|${OTHERS}|${LINE_ENDS}`;
const QWEN2 = raw`${CONTRACTION}|${LETTERS}|\p{N}|${OTHERS}|${LINE_ENDS}`;
const QWEN35 = raw`${CONTRACTION}|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|${LINE_ENDS}`;

const UPPER = raw`[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`;
const LOWER = raw`[\p{Ll}\p{Lm}\p{Lo}\p{M}]`;
/** Words by case: a run of capitals goes with the small letters after it. */
const casedWords = (upper: string, lower: string, ending: string) =>
  raw`[^\r\n\p{L}\p{N}]?${upper}*${lower}+${ending}|[^\r\n\p{L}\p{N}]?${upper}+${lower}*${ending}`;
const O200K_WORDS = casedWords(UPPER, LOWER, `${CONTRACTION}?`);
const O200K = raw`${O200K_WORDS}|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|${LINE_ENDS}`;
const TEKKEN = raw`${casedWords(UPPER, LOWER, "")}|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|${LINE_ENDS}`;
const YOUTU = raw`${O200K_WORDS}|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|${LINE_ENDS}`;
const notHan = (letters: string) => raw`(?:(?!\p{Script=Han})${letters})`;
const KIMI_WORDS = casedWords(notHan(UPPER), notHan(LOWER), `${CONTRACTION}?`);
const KIMI = raw`\p{Script=Han}+|${KIMI_WORDS}|\p{N}{1,3}|${OTHERS}|${LINE_ENDS}`;

const ASCII_PUNCTUATION = "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~]";
const DEEPSEEK3 = raw`${ASCII_PUNCTUATION}[A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|${LINE_ENDS}`;
/** Letters of the scripts that have case, as the published file lists them. */
const CASED_LETTERS =
  raw`A-Za-z\u{b5}\u{c0}-\u{d6}\u{d8}-\u{f6}\u{f8}-\u{1ba}\u{1bc}-\u{1bf}\u{1c4}-\u{293}\u{295}-\u{2af}\u{370}-` +
  raw`\u{373}\u{376}\u{377}\u{37b}-\u{37d}\u{37f}\u{386}\u{388}-\u{38a}\u{38c}\u{38e}-\u{3a1}\u{3a3}-\u{3f5}` +
  raw`\u{3f7}-\u{481}\u{48a}-\u{52f}\u{531}-\u{556}\u{10a0}-\u{10c5}\u{13a0}-\u{13f5}\u{13f8}-\u{13fd}\u{1c90}-` +
  raw`\u{1cba}\u{1cbd}-\u{1cbf}\u{1d00}-\u{1d2b}\u{1d6b}-\u{1d77}\u{1d79}-\u{1d9a}\u{1e00}-\u{1f15}\u{1f18}-` +
  raw`\u{1f1d}\u{1f20}-\u{1f45}\u{1f48}-\u{1f4d}\u{1f50}-\u{1f57}\u{1f59}\u{1f5b}\u{1f5d}\u{1f5f}-\u{1f7d}` +
  raw`\u{1f80}-\u{1fb4}\u{1fb6}-\u{1fbc}\u{1fbe}\u{1fc2}-\u{1fc4}\u{1fc6}-\u{1fcc}\u{1fd0}-\u{1fd3}\u{1fd6}-` +
  raw`\u{1fdb}\u{1fe0}-\u{1fec}\u{1ff2}-\u{1ff4}\u{1ff6}-\u{1ffc}\u{2102}\u{2107}\u{210a}-\u{2113}\u{2115}` +
  raw`\u{2119}-\u{211d}\u{2124}\u{2126}\u{2128}\u{212a}-\u{212d}\u{212f}-\u{2134}\u{2139}\u{213c}-\u{213f}` +
  raw`\u{2145}-\u{2149}\u{214e}\u{2183}\u{2184}\u{2c00}-\u{2c7b}\u{2c7e}-\u{2ce4}\u{2ceb}-\u{2cee}\u{2cf2}` +
  raw`\u{2cf3}\u{a640}-\u{a66d}\u{a680}-\u{a69b}\u{a722}-\u{a76f}\u{a771}-\u{a787}\u{a78b}-\u{a78e}\u{ab70}-` +
  raw`\u{abbf}\u{fb00}-\u{fb06}\u{fb13}-\u{fb17}\u{ff21}-\u{ff3a}\u{ff41}-\u{ff5a}\u{10400}-\u{1044f}\u{104b0}-` +
  raw`\u{104d3}\u{104d8}-\u{104fb}\u{10c80}-\u{10cb2}\u{10cc0}-\u{10cf2}\u{118a0}-\u{118df}\u{1e900}-\u{1e943}`;
const FULL_WIDTH_PUNCTUATION = raw`[!-/:-~\u{ff01}-\u{ff0f}\u{ff1a}-\u{ff5e}\u{2018}-\u{201f}\u{3000}-\u{3002}]+`;
const CJK = raw`[\u{4e00}-\u{9fa5}\u{800}-\u{4e00}\u{ac00}-\u{d7ff}]+`;
const KANA_AND_HAN = raw`[\u{4e00}-\u{9fa5}\u{3040}-\u{309f}\u{30a0}-\u{30ff}]+`;
const YOUTU_SCRIPTS = raw`[\u{ac00}-\u{d7a3}\u{3131}-\u{318e}]+|[\u{ff01}\u{2026}\u{201c}\u{201d}\u{2018}\u{2019}\u{2014}\u{ff1a}\u{ff1b}\u{ff0c}\u{3001}-\u{303f}\u{fe30}-\u{fe4f}]+|[\u{3105}-\u{312f}]+|[\u{4e00}-\u{9fa5}\u{3040}-\u{309f}\u{30a0}-\u{30ff}]+`;
const BLOOM = raw` ?[^(\s|.,!?\u{2026}\u{3002}\u{ff0c}\u{3001}\u{964}\u{6d4}\u{60c})]+`;
const UP_TO_THREE_DIGITS = raw`\p{N}{1,3}`;

const gpt2: PreTokenizer = { split: [GPT2], cleanSpaces: true };
const gpt2Uncleaned: PreTokenizer = { split: [GPT2] };
const digitsAndGpt2: PreTokenizer = { split: [raw`\p{N}`, GPT2], cleanSpaces: true };
const llama3: PreTokenizer = { split: [LLAMA3], ignoreMerges: true, addBos: true, cleanSpaces: true };
const cl100k: PreTokenizer = { split: [LLAMA3], cleanSpaces: true };
const qwen: PreTokenizer = { split: [QWEN2], normalize: "NFC" };
const qwenWithoutNfc: PreTokenizer = { split: [QWEN2] };
const o200k: PreTokenizer = { split: [O200K] };
const deepseek3: PreTokenizer = { split: [UP_TO_THREE_DIGITS, KANA_AND_HAN, DEEPSEEK3] };
const bloom: PreTokenizer = { split: [BLOOM], cleanSpaces: true };
const bailing: PreTokenizer = {
  split: [raw`(?i:'s|'d|'m|'t|'ll|'ve|'re)|${LETTERS}|\p{N}|${OTHERS}|\s*[\r\n]|${SPACES}`],
};

/** What a vocabulary without a `tokenizer.ggml.pre` gets, and one whose name is not in the table. */
export const DEFAULT_PRE_TOKENIZER: PreTokenizer = {
  split: [raw`[\p{P}\$\+<=>\^~\|]+`, GPT2, raw`\p{N}+`, "[0-9][0-9][0-9]"],
  cleanSpaces: true,
};

/** By the name in `tokenizer.ggml.pre`. */
export const PRE_TOKENIZERS: ReadonlyMap<string, PreTokenizer> = new Map(
  Object.entries<PreTokenizer>({
    default: DEFAULT_PRE_TOKENIZER,
    "gpt-2": gpt2,
    "phi-2": gpt2,
    mpt: gpt2,
    olmo: gpt2,
    jais: gpt2,
    exaone4: gpt2,
    gigachat: gpt2,
    mellum: gpt2,
    "a.x-4.0": gpt2,
    "modern-bert": gpt2,
    "roberta-bpe": gpt2,
    "jina-es": gpt2,
    "jina-de": gpt2,
    "jina-v1-en": gpt2,
    "jina-v2-es": gpt2,
    "jina-v2-de": gpt2,
    "jina-v2-code": gpt2,
    trillion: gpt2Uncleaned,
    "granite-docling": gpt2Uncleaned,
    starcoder: digitsAndGpt2,
    refact: digitsAndGpt2,
    codeshell: digitsAndGpt2,
    exaone: digitsAndGpt2,
    "minerva-7b": digitsAndGpt2,
    mellum2: digitsAndGpt2,
    smollm: { split: digitsAndGpt2.split },
    "command-r": { split: digitsAndGpt2.split, normalize: "NFC" },
    falcon: { split: ["[\\p{P}\\$\\+<=>\\^~\\|`]+", GPT2, "[0-9][0-9][0-9]"], cleanSpaces: true },
    llama3,
    "llama-v3": llama3,
    "llama-bpe": llama3,
    falcon3: llama3,
    "falcon-h1": llama3,
    pixtral: llama3,
    "midm-2.0": llama3,
    lfm2: llama3,
    "jina-v5-nano": llama3,
    dbrx: cl100k,
    "smaug-bpe": cl100k,
    glm4: cl100k,
    "chatglm-bpe": cl100k,
    "jais-2": {
      split: [
        raw`${CONTRACTION}|${LETTERS}|\p{N}{1,3}|${OTHERS}|\s*[\r\n]+|` +
          [512, 256, 128, 64, 32, 16, 8, 4, "1,2"].map((count) => raw`\s{${count}}(?!\S)|`).join("") +
          raw`\s{1}`,
      ],
      cleanSpaces: true,
    },
    minicpm5: {
      split: [UP_TO_THREE_DIGITS, raw`${CONTRACTION}|${LETTERS}|\p{N}+|${OTHERS}|${LINE_ENDS}`],
      ignoreMerges: true,
      cleanSpaces: true,
    },
    qwen2: qwen,
    qwen35: { split: [QWEN35], normalize: "NFC" },
    stablelm2: { split: [QWEN2], cleanSpaces: true },
    megrez: { split: [QWEN2], cleanSpaces: true },
    "deepseek-r1-qwen": qwenWithoutNfc,
    kormo: qwenWithoutNfc,
    f2llmv2: qwenWithoutNfc,
    hunyuan: qwenWithoutNfc,
    "solar-open": qwenWithoutNfc,
    "grok-2": qwenWithoutNfc,
    "seed-coder": {
      split: [raw`${CONTRACTION}|${LETTERS}|\p{N}| ?[^\s\p{L}\p{N}\r\n]+|${LINE_ENDS}`],
    },
    bailingmoe: bailing,
    bailingmoe2: bailing,
    "llada-moe": bailing,
    "exaone-moe": {
      split: [
        raw`${CONTRACTION}|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|${SPACES}`,
      ],
      cleanSpaces: true,
    },
    "gpt-4o": o200k,
    llama4: o200k,
    kanana2: o200k,
    talkie: o200k,
    "minimax-m2": o200k,
    "granite-embed-multi-97m": { split: [O200K], ignoreMerges: true },
    tekken: { split: [TEKKEN], ignoreMerges: true, addBos: true },
    "kimi-k2": { split: [KIMI] },
    youtu: { split: [YOUTU_SCRIPTS, YOUTU], ignoreMerges: true },
    "deepseek-llm": {
      split: ["[\r\n]", raw`\s?[${CASED_LETTERS}]+`, raw`\s?${FULL_WIDTH_PUNCTUATION}`, raw`\s+$`, CJK, raw`\p{N}+`],
    },
    "deepseek-coder": { split: ["[\r\n]", raw`\s?\p{L}+`, raw`\s?\p{P}+`, CJK, raw`\p{N}`] },
    "deepseek-v3": deepseek3,
    "hunyuan-dense": deepseek3,
    "joyai-llm": deepseek3,
    bloom,
    "gpt3-finnish": bloom,
    "poro-chat": { split: [BLOOM] },
    viking: { split: [BLOOM, raw`\p{N}`] },
  }),
);
