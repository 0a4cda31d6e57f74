import { WebggufError } from "../core/errors.ts";
import type { Metadata, StringList } from "../core/metadata.ts";
import { attributesOf } from "./attributes.ts";
import { ByteIndex } from "./byte-index.ts";
import { assignRoles, assignStripping, type Roles } from "./known-texts.ts";

/** What holds when the file does not say. */
export interface VocabularyDefaults {
  readonly bos?: number;
  readonly eos?: number;
  readonly unknown?: number;
  readonly addBos: boolean;
  readonly addEos: boolean;
  readonly addSpacePrefix: boolean;
}

interface Tables {
  readonly index: ByteIndex;
  readonly attributes: Uint8Array;
  readonly roles: Roles;
}

/** The special tokens that `tokenizer.ggml.<role>_token_id` may name (GGUF spells "seperator" so). */
const ROLES = [
  ...["bos", "eos", "eot", "eom", "unknown", "seperator", "padding", "mask"],
  ...["fim_pre", "fim_suf", "fim_mid", "fim_pad", "fim_rep", "fim_sep", "prefix", "suffix", "middle"],
];

/** The vocabulary of a file: tokens, their attributes, and the special ones. Its tables are made when first needed. */
export class Vocabulary {
  readonly size: number;
  readonly scores: ArrayLike<number> | undefined;
  readonly addBos: boolean;
  readonly addEos: boolean;
  readonly addSpacePrefix: boolean;
  readonly preTokenizer: string | undefined;
  readonly notes: string[] = [];
  private readonly modelName: string;
  private readonly metadata: Metadata;
  private readonly defaults: VocabularyDefaults;
  private readonly tokens: StringList;
  private readonly types: ArrayLike<number> | undefined;
  private readonly special = new Map<string, number | undefined>();
  private made: Tables | undefined;

  /** Throws `missing-metadata` without a token list, `malformed` when lists do not fit each other. */
  constructor(metadata: Metadata, defaults: VocabularyDefaults) {
    const tokens = metadata.strings("tokenizer.ggml.tokens");
    if (!tokens || tokens.length === 0) {
      throw new WebggufError(
        "missing-metadata",
        'The file names a tokenizer but has no "tokenizer.ggml.tokens": convert it again, with its vocabulary.',
      );
    }
    this.metadata = metadata;
    this.defaults = defaults;
    this.tokens = tokens;
    this.size = tokens.length;
    this.scores = this.perToken("tokenizer.ggml.scores");
    this.types = this.perToken("tokenizer.ggml.token_type");
    this.addBos = metadata.boolean("tokenizer.ggml.add_bos_token") ?? defaults.addBos;
    this.addEos = metadata.boolean("tokenizer.ggml.add_eos_token") ?? defaults.addEos;
    this.addSpacePrefix = metadata.boolean("tokenizer.ggml.add_space_prefix") ?? defaults.addSpacePrefix;
    this.preTokenizer = metadata.string("tokenizer.ggml.pre");
    this.modelName = metadata.string("general.name") ?? "";
    for (const role of ROLES) this.special.set(`${role}_token_id`, this.readSpecial(`${role}_token_id`));
  }

  get index(): ByteIndex {
    return this.tables.index;
  }

  get attributes(): Uint8Array {
    return this.tables.attributes;
  }

  get roles(): Roles {
    return this.tables.roles;
  }

  /** The id that `tokenizer.ggml.<key>` names, or the default of this kind of vocabulary. */
  declared(key: string): number | undefined {
    return this.special.get(key);
  }

  text(id: number): string {
    return this.tokens.at(this.checked(id));
  }

  bytes(id: number): Uint8Array {
    return this.tokens.bytesAt(this.checked(id));
  }

  attributesOf(id: number): number {
    return this.attributes[this.checked(id)];
  }

  /** Id of the token spelled so, or −1. */
  find(text: string): number {
    return findIn(this.index, text);
  }

  private get tables(): Tables {
    this.made ??= this.makeTables();
    return this.made;
  }

  private makeTables(): Tables {
    const index = new ByteIndex(this.tokens.ranges());
    const attributes = attributesOf(this.types, this.size);
    const find = (text: string) => findIn(index, text);
    const roles = assignRoles(attributes, find, (key) => this.declared(key));
    assignStripping(attributes, find, this.modelName, this.preTokenizer ?? "");
    return { index, attributes, roles };
  }

  private readSpecial(key: string): number | undefined {
    const id = this.metadata.number(`tokenizer.ggml.${key}`);
    if (id !== undefined && this.holds(id)) return id;
    if (id !== undefined) {
      const last = this.size - 1;
      this.notes.push(`tokenizer.ggml.${key} is ${id}, but ids go from 0 to ${last}; it was not used.`);
    }
    const { bos, eos, unknown } = this.defaults;
    const otherwise = { bos_token_id: bos, eos_token_id: eos, unknown_token_id: unknown }[key];
    return otherwise !== undefined && this.holds(otherwise) ? otherwise : undefined;
  }

  private perToken(key: string): ArrayLike<number> | undefined {
    const values = this.metadata.numbers(key);
    if (values && values.length < this.size) {
      throw new WebggufError(
        "malformed",
        `"${key}" has ${values.length} entries for ${this.size} tokens; the file is damaged or was converted wrongly.`,
      );
    }
    return values;
  }

  private holds(id: number): boolean {
    return Number.isInteger(id) && id >= 0 && id < this.size;
  }

  private checked(id: number): number {
    if (this.holds(id)) return id;
    throw new WebggufError(
      "invalid-argument",
      `Token ${id} is not in the vocabulary; ids go from 0 to ${this.size - 1}.`,
    );
  }
}

const utf8 = new TextEncoder();

function findIn(index: ByteIndex, text: string): number {
  const bytes = utf8.encode(text);
  return index.find(bytes, 0, bytes.length);
}
