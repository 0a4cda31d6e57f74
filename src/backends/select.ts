import type { BackendName } from "../core/api.ts";
import { isWebggufError, WebggufError } from "../core/errors.ts";
import type { Backend, BackendOptions } from "./backend.ts";

/** Makes a backend, or throws `device-unavailable` with the reason why it cannot be had here. */
type Create = (options: BackendOptions) => Promise<Backend>;

/** The backends there are, the fastest first. A new one is one folder and one line here. */
const BACKENDS: ReadonlyMap<BackendName, Create> = new Map<BackendName, Create>([
  ["webgpu", async (options) => (await import("./webgpu/index.ts")).createWebgpuBackend(options)],
  ["wasm", async (options) => (await import("./wasm/index.ts")).createWasmBackend(options)],
  ["reference", async () => (await import("./reference/index.ts")).createReferenceBackend()],
]);

export interface SelectOptions extends BackendOptions {
  /** Backends that `auto` passes by. */
  readonly except?: readonly BackendName[];
}

export interface Selection {
  readonly backend: Backend;
  /** Why a faster one was not taken. */
  readonly notes: string[];
}

/**
 * The backend of that name, or with `auto` the fastest that works here.
 * Throws `device-unavailable` when the one asked for (or, with `auto`, every one) cannot be had.
 */
export async function selectBackend(name: "auto" | BackendName, options: SelectOptions = {}): Promise<Selection> {
  if (name !== "auto") return { backend: await create(name, options), notes: [] };
  const notes: string[] = [];
  for (const candidate of BACKENDS.keys()) {
    if (options.except?.includes(candidate)) continue;
    try {
      return { backend: await create(candidate, { ...options, automatic: true }), notes };
    } catch (error) {
      if (!isWebggufError(error, "device-unavailable")) throw error;
      notes.push(error.message);
    }
  }
  throw new WebggufError("device-unavailable", `No backend works here. ${notes.join(" ")}`);
}

function create(name: BackendName, options: BackendOptions): Promise<Backend> {
  const make = BACKENDS.get(name);
  if (make) return make(options);
  throw new WebggufError(
    "invalid-argument",
    `\`backend\` must be auto, ${[...BACKENDS.keys()].join(", ")}, not ${String(name)}.`,
  );
}
