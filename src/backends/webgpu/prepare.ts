import type { CompileOptions } from "../backend.ts";
import type { BoundDispatch, Gpu } from "./gpu.ts";
import { samplerKernels } from "./kernels/sampling.ts";
import type { Layout, Programs } from "./layout.ts";
import type { BufferLedger } from "./ledger.ts";
import type { Task } from "./program.ts";
import { GpuSampler } from "./sampler.ts";
import type { Trust } from "./trust.ts";
import type { Tuner } from "./tuner.ts";
import { orStopped } from "./waiting.ts";

/** A device and what is known of it. */
export interface PlanAdapter {
  readonly gpu: Gpu;
  /** Most bytes of one binding. */
  readonly bindingBytes: number;
  readonly trust: Trust;
  readonly tuner: Tuner;
  /** How long to measure tile sizes that are not known; 0: not at all. */
  readonly tuneMilliseconds: number;
}

/** A task with its pipeline and bindings, ready to be encoded. */
export interface BoundTask {
  readonly bound: BoundDispatch;
  readonly domain: Task["domain"];
}

/** What a plan runs. */
export interface Prepared {
  readonly decode: readonly BoundTask[];
  readonly batch: readonly BoundTask[];
  /** Makes a sampler over so many choices; absent where the kernels that choose tokens are wrong. */
  readonly makeSampler?: (choices: number) => Promise<GpuSampler>;
  readonly notes: readonly string[];
}

const CHOSEN_ELSEWHERE =
  "This graphics driver computes wrongly in the kernels that choose tokens, which are chosen on the CPU therefore.";

/**
 * Checks kernels, measures tile sizes, and compiles what suits the adapter. Weights may be written meanwhile.
 * Throws `device-unavailable` where no variant of a kernel is right, `out-of-memory`, `device-lost`, and `aborted` once the
 * signal is raised: the layout's buffers are then no longer used.
 */
export async function prepare(
  layout: Layout,
  options: CompileOptions,
  { gpu, trust, tuner, tuneMilliseconds }: PlanAdapter,
  ledger: BufferLedger,
  signal: AbortSignal,
): Promise<Prepared> {
  const stoppable = <T>(work: Promise<T>) => orStopped(gpu, work, signal);
  let programs: Programs = { decode: [], batch: [] };
  const guards: Promise<void>[] = [];
  /** Other kernels may want more scratch memory. */
  const build = () => {
    const guard = ledger.guarded(() => {
      programs = layout.build();
    }, options);
    guard.catch(() => {});
    guards.push(guard);
    return [...programs.decode, ...programs.batch].map(({ dispatch }) => dispatch);
  };
  await stoppable(trust.settle(build));
  if (tuneMilliseconds > 0) {
    await tuner.tune({ gpu, trust, batch: options.batchSize, budget: tuneMilliseconds, build, signal });
    await stoppable(trust.settle(build));
  }
  await stoppable(Promise.all(guards));
  const bind = (tasks: readonly Task[]) =>
    Promise.all(tasks.map(async ({ dispatch, domain }) => ({ bound: await gpu.bind(dispatch), domain })));
  const { offset } = layout.output;
  const choosing = [...samplerKernels(offset, true), ...samplerKernels(offset, false)];
  const compileChoosing = async () => {
    const isRight = await trust.allows(choosing);
    if (isRight) await Promise.all(choosing.map((kernel) => gpu.pipeline(kernel)));
    return isRight;
  };
  const [decode, batch, chooses] = await stoppable(
    Promise.all([bind(programs.decode), bind(programs.batch), compileChoosing()]),
  );
  const makeSampler = (choices: number) =>
    GpuSampler.create(gpu, {
      logits: layout.output,
      vocabulary: choices,
      contextLength: options.contextLength,
      buffers: { ...layout.sampler, tokens: layout.tokens },
    });
  const notes = [...trust.notes(tuner.isTuned), ...(chooses ? [] : [CHOSEN_ELSEWHERE])];
  return { decode, batch, notes, ...(chooses && { makeSampler }) };
}
