import type { Backend, CacheType, CompileOptions, KeyValueStore, Plan } from "../backends/backend.ts";
import { type Selection, type SelectOptions, selectBackend } from "../backends/select.ts";
import type { BackendName, ModelInfo, ModelSource, OpenOptions, OpenProgress } from "../core/api.ts";
import { isWebggufError, throwIfAborted, WebggufError } from "../core/errors.ts";
import type { Graph } from "../core/graph.ts";
import type { TensorInfo } from "../core/source.ts";
import { type GgufFile, openGguf } from "../gguf/open.ts";
import { buildModel } from "../models/registry.ts";
import { sourcesFrom } from "../storage/sources.ts";
import { createTokenizer, type Tokenizer } from "../tokenizer/index.ts";
import { Context, contextOptions } from "./context.ts";
import { headerInfo } from "./info.ts";
import { EngineModel } from "./model.ts";

/** What the engine takes from around it. */
export interface Environment {
  selectBackend(name: "auto" | BackendName, options: SelectOptions): Promise<Selection>;
  /** Where backends remember what they find out about the device; by default as long as the thread lives. */
  readonly store?: KeyValueStore;
}

const DEFAULT_CONTEXT_LENGTH = 4096;

/**
 * Opens a model: header, tokenizer, graph, backend, weights. The header alone is read before the weights stream in.
 * A failed or stopped open frees everything. See core/errors.ts for the codes it throws.
 */
export async function openModel(
  source: ModelSource,
  options: OpenOptions = {},
  environment: Environment = { selectBackend },
): Promise<EngineModel> {
  const start = performance.now();
  const { signal } = options;
  const checked = checkOptions(options);
  throwIfAborted(signal);
  const file = await openGguf(await sourcesFrom(source, { signal }), { signal });
  const report = (stage: OpenProgress["stage"], loadedBytes = 0, totalBytes = file.fileBytes) =>
    options.onProgress?.({ stage, loadedBytes, totalBytes });
  report("header");
  const tokenizer = createTokenizer(file.metadata);
  report("tokenizer");
  const info: ModelInfo = {
    ...headerInfo(file),
    contextLength: 0,
    vocabularySize: tokenizer.vocabularySize,
    backend: "none",
    device: "none",
    simd: "none",
    threads: 0,
    openMilliseconds: performance.now() - start,
    loadMilliseconds: 0,
    memoryBytes: { weights: 0, kv: 0, scratch: 0 },
    notes: [...tokenizer.notes],
  };
  if (!info.hasWeights) {
    info.loadMilliseconds = performance.now() - start;
    report("ready", file.fileBytes);
    return new EngineModel(info, file, tokenizer, undefined);
  }
  const model = await openDevice(file, tokenizer, info, { ...checked, signal, environment, report });
  info.loadMilliseconds = performance.now() - start;
  report("ready", file.fileBytes);
  return model;
}

interface DeviceOptions extends CheckedOptions {
  readonly signal?: AbortSignal;
  readonly environment: Environment;
  readonly report: (stage: OpenProgress["stage"], loadedBytes?: number, totalBytes?: number) => void;
}

/** The second half of opening: needs weights and a device. Completes `info`. */
async function openDevice(
  file: GgufFile,
  tokenizer: Tokenizer,
  info: ModelInfo,
  options: DeviceOptions,
): Promise<EngineModel> {
  const { graph, hyperparameters } = buildModel(file.metadata, file.tensors);
  const { trainedContextLength, embeddingLength, layerCount, vocabularySize } = hyperparameters;
  const contextLength = options.contextLength ?? Math.min(trainedContextLength, DEFAULT_CONTEXT_LENGTH);
  Object.assign(info, { trainedContextLength, embeddingLength, layerCount, vocabularySize, contextLength });
  if (contextLength > trainedContextLength) {
    info.notes.push(
      `The context of ${contextLength} tokens is longer than the ${trainedContextLength} the model was trained with; answers may get worse beyond.`,
    );
  }
  const compileOptions = { ...contextOptions(contextLength, vocabularySize), cacheType: options.cacheType };
  const { backend, plan } = await loadSomewhere(graph, compileOptions, weightsOf(graph, file), info, options);
  info.memoryBytes = plan.memory;
  return new EngineModel(info, file, tokenizer, {
    backend,
    plan,
    context: new Context(plan, contextLength, compileOptions.outputRows),
  });
}

/**
 * Compiles and loads on the backend asked for, with `auto` on the fastest that can: one that turns out to be of no use, such as
 * a GPU that computes wrongly, is passed by. Adds to `info` which one it is, and why.
 */
async function loadSomewhere(
  graph: Graph,
  compileOptions: CompileOptions,
  tensors: readonly TensorInfo[],
  info: ModelInfo,
  { environment, backend: wanted, threads, signal, report }: DeviceOptions,
): Promise<{ backend: Backend; plan: Plan }> {
  const except: BackendName[] = [];
  for (;;) {
    const { store } = environment;
    report("compile");
    const { backend, notes } = await environment.selectBackend(wanted, { threads, store, except });
    let plan: Plan | undefined;
    try {
      throwIfAborted(signal);
      plan = await backend.compile(graph, compileOptions);
      throwIfAborted(signal);
      await loadAndPrepare(plan, tensors, report, signal);
      const { name, device, simd, threads, dots } = backend.info;
      Object.assign(info, { backend: name, device, simd, threads, dots });
      info.notes.push(...notes, ...(plan.notes ?? []));
      return { backend, plan };
    } catch (error) {
      await plan?.close().catch(() => {});
      await backend.close().catch(() => {});
      const goesOn = wanted === "auto" && isWebggufError(error, "device-unavailable");
      if (!goesOn) throw error;
      info.notes.push(error.message);
      except.push(backend.info.name);
    }
  }
}

/** Loads the weights while the plan gets ready; when it cannot, the loading ends with the reason. */
async function loadAndPrepare(
  plan: Plan,
  tensors: readonly TensorInfo[],
  report: DeviceOptions["report"],
  signal: AbortSignal | undefined,
): Promise<void> {
  const failed = new AbortController();
  const ready = plan.ready?.(signal);
  ready?.catch(() => failed.abort());
  const stop = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  try {
    await loadWeights(plan, tensors, report, stop);
  } catch (error) {
    if (failed.signal.aborted) await ready;
    throw error;
  }
  await ready;
}

/** The tensors that the graph uses, in the order in which they lie in the files. */
function weightsOf(graph: Graph, file: GgufFile): TensorInfo[] {
  const used = new Set(graph.values.flatMap((value) => (value.kind === "weight" ? [value.name] : [])));
  const place = new Map(file.sources.map((source, index) => [source, index]));
  return [...file.tensors.values()]
    .filter((tensor) => used.has(tensor.name))
    .sort((a, b) => (place.get(a.source) ?? 0) - (place.get(b.source) ?? 0) || a.offset - b.offset);
}

async function loadWeights(
  plan: Plan,
  tensors: readonly TensorInfo[],
  report: DeviceOptions["report"],
  signal: AbortSignal | undefined,
): Promise<void> {
  const total = tensors.reduce((sum, tensor) => sum + tensor.byteLength, 0);
  let loaded = 0;
  report("weights", loaded, total);
  await plan.load(tensors, {
    onBytes: (bytes) => {
      loaded += bytes;
      report("weights", loaded, total);
    },
    signal,
  });
  throwIfAborted(signal);
}

interface CheckedOptions {
  readonly backend: "auto" | BackendName;
  readonly contextLength?: number;
  readonly threads?: number;
  readonly cacheType: CacheType;
}

function checkOptions({ backend = "auto", contextLength, threads, kvCache = "f16" }: OpenOptions): CheckedOptions {
  for (const [name, value] of Object.entries({ contextLength, threads })) {
    if (value !== undefined && (!Number.isInteger(value) || value < 1 || value > 2 ** 31 - 1)) {
      throw new WebggufError("invalid-argument", `\`${name}\` must be a whole number from 1, not ${String(value)}.`);
    }
  }
  if (kvCache !== "f16" && kvCache !== "f32") {
    throw new WebggufError("invalid-argument", `\`kvCache\` can be "f16" or "f32"; "${String(kvCache)}" is not there.`);
  }
  return { backend, contextLength, threads, cacheType: kvCache };
}
