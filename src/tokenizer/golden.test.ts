import { describe, expect, it } from "vitest";
import { hasReference, referenceBytes, referenceJson, referenceNames } from "../../test/reference.ts";
import type { ByteSource } from "../core/source.ts";
import { openGguf } from "../gguf/open.ts";
import { createTokenizer, type Tokenizer } from "./index.ts";

interface Case {
  readonly text: string;
  readonly ids: number[];
  readonly detokenized: string;
  /** What the published tokenizer gives, where the oracle is known to differ. */
  readonly originalIds?: number[];
}

interface Golden {
  readonly model: string;
  readonly pre: string | null;
  readonly cases: Case[];
  readonly special: Case[];
}

const FOLDER = "tokenizers";
const stringFiles = new Set(referenceNames(FOLDER, ".gguf.inp"));

async function openVocabulary(path: string): Promise<Tokenizer> {
  const bytes = referenceBytes(path);
  const source: ByteSource = {
    name: path,
    size: bytes.length,
    read: async (offset, length) => bytes.slice(offset, offset + length),
  };
  return createTokenizer((await openGguf([source])).metadata);
}

/** llama.cpp's own test strings and the ids it expects. */
function ownStrings(name: string): { text: string; ids: number[] }[] {
  if (!stringFiles.has(name)) return [];
  const decoded = (suffix: string) => new TextDecoder().decode(referenceBytes(`${FOLDER}/${name}.gguf${suffix}`));
  const texts = decoded(".inp").split("\n__ggml_vocab_test__\n");
  const lines = decoded(".out").split("\n");
  return texts.map((text, i) => ({ text, ids: (lines[i].match(/\d+/g) ?? []).map(Number) }));
}

describe.skipIf(!hasReference)("published vocabularies", () => {
  const kinds = new Set(["llama", "gpt2"]);
  for (const name of referenceNames(FOLDER, ".golden.json")) {
    const golden = referenceJson<Golden>(`${FOLDER}/${name}.golden.json`);
    if (!kinds.has(golden.model)) continue;
    it(`${name} (${golden.model}, ${golden.pre ?? "no pre"})`, async () => {
      const tokenizer = await openVocabulary(`${FOLDER}/${name}.gguf.gz`);
      const wrong: unknown[] = [];
      const check = (what: string, text: string, found: unknown, expected: unknown) => {
        if (JSON.stringify(found) !== JSON.stringify(expected)) wrong.push({ what, text, found, expected });
      };
      for (const { text, ids, originalIds, detokenized } of golden.cases) {
        check("encode", text, tokenizer.encode(text), originalIds ?? ids);
        check("decode", text, tokenizer.decode(ids), detokenized);
      }
      for (const { text, ids, originalIds, detokenized } of golden.special) {
        check("encode special", text, tokenizer.encode(text, { parseSpecial: true }), originalIds ?? ids);
        check("decode special", text, tokenizer.decode(ids, { special: true }), detokenized);
      }
      const own = ownStrings(name);
      const originals = new Map(golden.cases.map((item) => [item.text, item.originalIds]));
      for (const { text, ids } of own) {
        check("encode .inp", text, tokenizer.encode(text), originals.get(text) ?? ids);
      }
      const count = golden.cases.length + golden.special.length;
      console.log(`${name}: ${count} cases both ways, ${own.length} own strings, ${wrong.length} mismatches`);
      expect(wrong).toEqual([]);
    });
  }
});

interface ModelGolden {
  readonly kind: string;
  readonly prompt: string;
  readonly addBos: boolean;
  /** The prompt alone, and as it was evaluated. */
  readonly textTokens: number[];
  readonly tokens: number[];
}

describe.skipIf(!hasReference)("prompts of model files", () => {
  for (const folder of ["models", "real"]) {
    it(`${folder}: with and without added tokens`, async () => {
      let count = 0;
      for (const name of referenceNames(folder, ".gguf")) {
        const golden = referenceJson<ModelGolden>(`${folder}/${name}.json`);
        if (golden.kind !== "causal") continue;
        const tokenizer = await openVocabulary(`${folder}/${name}.gguf`);
        expect(tokenizer.encode(golden.prompt), name).toEqual(golden.textTokens);
        expect(tokenizer.encode(golden.prompt, { addSpecial: true }), name).toEqual(golden.tokens);
        expect(tokenizer.addBos, name).toBe(golden.addBos);
        count++;
      }
      console.log(`${folder}: the prompts of ${count} models agree`);
      expect(count).toBeGreaterThan(0);
    });
  }
});
