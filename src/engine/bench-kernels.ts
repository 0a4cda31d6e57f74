import type { Backend, Plan, RunRequest } from "../backends/backend.ts";
import type { KernelBenchOptions, KernelBenchResult, KernelSpec, KernelTiming, Profile } from "../core/api.ts";
import { DTYPES } from "../core/dtype.ts";
import { throwIfAborted, WebggufError } from "../core/errors.ts";
import { repeated, tokenSource } from "./bench.ts";
import { BATCH_SIZE } from "./context.ts";
import { fitsBlocks, kernelGraph } from "./kernel-graph.ts";
import type { Environment } from "./open.ts";
import { checkCounts } from "./prompt.ts";

/** Sizes beyond those of any model. */
const MOST = 1 << 20;
/** Rows of the tables that inputs are read from. */
const INPUT_ROWS = 64;
/** Ticks of the clock that a sample has at least. */
const LEAST_TICKS = 20;
const MOST_INNER = 64;

/** See `Webgguf.benchKernels`. */
export async function benchKernels(
  specs: readonly KernelSpec[],
  options: KernelBenchOptions,
  { selectBackend, store }: Environment,
): Promise<KernelBenchResult> {
  const { backend: wanted = "auto", threads, ceilings = true, repetitions = 5, onProgress, signal } = options;
  for (const spec of specs) checkSpec(spec);
  checkCounts({ repetitions }, 1);
  const { backend } = await selectBackend(wanted, { threads, store });
  try {
    throwIfAborted(signal);
    const measured = ceilings ? await backend.ceilings?.(repetitions, signal) : undefined;
    const kernels: KernelTiming[] = [];
    for (const spec of specs) {
      const timing = await timeKernel(backend, spec, repetitions, signal);
      kernels.push(timing);
      onProgress?.(timing);
    }
    const { name, device, threads: used } = backend.info;
    const usedThreads = name === "webgpu" ? 0 : used;
    return { backend: name, device, threads: usedThreads, ...(measured && { ceilings: measured }), kernels };
  } finally {
    await backend.close();
  }
}

async function timeKernel(
  backend: Backend,
  spec: KernelSpec,
  repetitions: number,
  signal: AbortSignal | undefined,
): Promise<KernelTiming> {
  const { graph, tensors, copies, contextLength, label, cost } = kernelGraph(spec);
  const timing = { spec, ...cost, microseconds: [] as number[], clock: "device" as const };
  let plan: Plan | undefined;
  try {
    const batchSize = Math.max(1, Math.min(BATCH_SIZE, contextLength));
    plan = await backend.compile(graph, { contextLength, batchSize, outputRows: 1, cacheType: "f16" });
    await plan.load(tensors, { signal });
    const randomTokens = tokenSource(INPUT_ROWS);
    const before = contextLength - spec.tokens;
    for (let position = 0; position < before; position += BATCH_SIZE) {
      const tokens = randomTokens(Math.min(BATCH_SIZE, before - position));
      await plan.run({ tokens, position, outputs: [], signal });
    }
    const request = { tokens: randomTokens(spec.tokens), position: before, outputs: [spec.tokens - 1], signal };
    const { clock, sample } = await sampler(plan, request, label);
    const samples = await repeated({ repetitions }, signal, sample);
    return { ...timing, clock, microseconds: samples.map((all) => all / copies) };
  } catch (error) {
    if (signal?.aborted) throw error;
    return { ...timing, error: error instanceof Error ? error.message : String(error) };
  } finally {
    await plan?.close();
  }
}

/** How all copies together are timed on this plan, in microseconds. */
async function sampler(
  plan: Plan,
  request: RunRequest,
  label: string,
): Promise<{ clock: KernelTiming["clock"]; sample: () => Promise<number> }> {
  const belonging = ({ steps }: Profile) =>
    steps.filter((step) => step.label.includes(label)).reduce((sum, { microseconds }) => sum + microseconds, 0);
  const first = await plan.profile?.(request, 1).catch((error: { code?: string }) => {
    if (error.code !== "device-unavailable") throw error;
    return undefined;
  });
  if (first) {
    const ticks = belonging(first) / first.resolutionMicroseconds;
    const inner = Math.max(1, Math.min(MOST_INNER, Math.ceil(LEAST_TICKS / Math.max(ticks, 0.1))));
    return {
      clock: "device",
      sample: async () => belonging((await plan.profile?.(request, inner)) ?? first),
    };
  }
  return {
    clock: "wall",
    sample: async () => {
      const start = performance.now();
      await plan.run(request);
      return (performance.now() - start) * 1000;
    },
  };
}

const HEADS = ["heads", "kvHeads", "headSize", "context"] as const;

/** The sizes of each operation. */
const SIZES: Readonly<Record<KernelSpec["kernel"], readonly string[]>> = {
  matmul: ["width", "out"],
  embed: ["width"],
  attention: HEADS,
  rope: ["heads", "headSize"],
  rms_norm: ["width"],
  glu: ["width"],
  add: ["width"],
  layer: ["width", "feedForward", ...HEADS],
};

/** Throws `invalid-argument` for what is no operation, or has sizes that none can have. */
function checkSpec(spec: KernelSpec): void {
  const { kernel, tokens } = spec;
  const refuse = (message: string) => {
    throw new WebggufError("invalid-argument", `The kernel ${JSON.stringify(spec).slice(0, 200)} ${message}.`);
  };
  const names: readonly string[] | undefined = SIZES[kernel];
  if (!names) refuse(`is none; there are ${Object.keys(SIZES).join(", ")}`);
  const values = spec as unknown as Readonly<Record<string, number>>;
  const sizes = [...names, "tokens"].map((name) => [name, values[name]] as const);
  checkCounts(Object.fromEntries(sizes), 1);
  const largest = sizes.find(([, value]) => value > MOST);
  if (largest) refuse(`has a ${largest[0]} beyond ${MOST}`);
  if (tokens > BATCH_SIZE) refuse(`has more tokens than a batch (${BATCH_SIZE})`);
  if ("context" in spec && spec.context < tokens) refuse("has more tokens than context");
  if ("heads" in spec && "kvHeads" in spec && spec.heads % spec.kvHeads !== 0) refuse("shares K/V heads unevenly");
  if ("headSize" in spec && spec.headSize % 2 !== 0) refuse("has an odd head size");
  if (kernel === "matmul" || kernel === "embed" || kernel === "layer") {
    if (!(spec.dtype in DTYPES)) refuse("names no storage type");
    const lengths = kernel === "layer" ? [spec.width, spec.heads * spec.headSize, spec.feedForward] : [spec.width];
    if (!lengths.every((length) => fitsBlocks(spec.dtype, length))) {
      refuse(`has rows that are no whole number of blocks of ${spec.dtype}`);
    }
  }
}
