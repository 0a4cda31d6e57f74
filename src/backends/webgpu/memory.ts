import type { KeyValueStore } from "../backend.ts";
import { SOURCES } from "./sources.ts";

/** What one entry of the store holds: all that is known of an adapter under one version of the browser. */
interface Entry {
  /** By kind of kernel: a hash of the shader that was checked, and what was wrong with its results, if anything. */
  readonly verdicts: Record<string, { readonly code: string; readonly fault?: string }>;
  /** By what is tuned; good for shaders with this hash. */
  readonly tuned: Record<string, Readonly<Record<string, number>>>;
  readonly tunedShaders: string;
}

/** Where nothing else is given, what was found out lasts as long as the thread. */
const SESSION = new Map<string, unknown>();
export const SESSION_STORE: KeyValueStore = {
  get: async (key) => SESSION.get(key),
  set: async (key, value) => {
    SESSION.set(key, value);
  },
};

type AdapterName = Pick<GPUAdapterInfo, "vendor" | "architecture" | "device" | "description">;

/** Verdicts and tile sizes of one adapter. A store that fails is one that is empty. */
export class AdapterMemory {
  readonly #store: KeyValueStore;
  readonly #key: string;
  readonly #entry: Entry;

  static async open(adapter: AdapterName, store: KeyValueStore): Promise<AdapterMemory> {
    const { vendor, architecture, device, description } = adapter;
    const agent = globalThis.navigator?.userAgent ?? "";
    const key = ["webgpu adapter", vendor, architecture, device, description, agent].join(" | ");
    const [found, tunedShaders] = await Promise.all([
      store.get(key).catch(() => undefined),
      hashOf(JSON.stringify(SOURCES)),
    ]);
    const { verdicts, tuned, tunedShaders: before } = (isObject(found) ? found : {}) as Partial<Entry>;
    return new AdapterMemory(store, key, {
      verdicts: isObject(verdicts) ? { ...verdicts } : {},
      tuned: isObject(tuned) && before === tunedShaders ? { ...tuned } : {},
      tunedShaders,
    });
  }

  private constructor(store: KeyValueStore, key: string, entry: Entry) {
    this.#store = store;
    this.#key = key;
    this.#entry = entry;
  }

  /** The verdict on a kind of kernel, if it was passed on a shader with this hash. */
  verdict(kind: string, code: string): { readonly fault?: string } | undefined {
    const verdict = this.#entry.verdicts[kind];
    return verdict?.code === code ? verdict : undefined;
  }

  setVerdict(kind: string, code: string, fault: string | undefined): void {
    this.#entry.verdicts[kind] = { code, fault };
  }

  tuned(key: string): Readonly<Record<string, number>> | undefined {
    return this.#entry.tuned[key];
  }

  setTuned(key: string, value: Readonly<Record<string, number>>): void {
    this.#entry.tuned[key] = value;
  }

  async save(): Promise<void> {
    await this.#store.set(this.#key, structuredClone(this.#entry)).catch(() => {});
  }
}

/** The first half of SHA-256, in hexadecimal. */
export async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest, 0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
