import type { Ceilings, KernelTiming } from "../core/api.ts";
import { kernelName } from "./plan.ts";
import { SAMPLING_STRATEGIES } from "./sampling.ts";
import type { Unit as ScheduledUnit } from "./schedule.ts";
import type { BenchDevice, BenchEvent, Session } from "./session.ts";
import type { BenchPlan, BenchRun, Unit } from "./types.ts";

const repetitionsOf = ({ opens, rounds }: BenchPlan) => opens * rounds;

const kernelKey = ({ backend, threads }: BenchDevice) =>
  `kernels on ${backend}${threads ? `, ${threads} threads` : ""}`;

const samplingKey = (strategy: string, vocabularySize: number) => `sampling ${strategy} of ${vocabularySize}`;

/** In the order of `measureKernels`: the ceilings, then the kernels. */
export function kernelUnits(device: BenchDevice, { kernels }: BenchPlan): ScheduledUnit[] {
  if (kernels.length === 0) return [];
  return Array.from({ length: kernels.length + 1 }, () => ({ key: kernelKey(device), cost: 20 }));
}

export function samplingUnits({ vocabularies }: BenchPlan): ScheduledUnit[] {
  return vocabularies.flatMap((size) =>
    Object.keys(SAMPLING_STRATEGIES).map((strategy) => ({ key: samplingKey(strategy, size), cost: 3 })),
  );
}

const CEILINGS: readonly [key: keyof Ceilings, unit: Unit][] = [
  ["copy", "GB/s"],
  ["read", "GB/s"],
  ["float32", "GFLOP/s"],
  ["int8", "GFLOP/s"],
];

/** Single operations, one device. Ceilings are tests of the same run: `ceiling copy` and so on. */
export async function* measureKernels(session: Session, device: BenchDevice): AsyncGenerator<BenchEvent, BenchRun> {
  const { webgguf, signal, task } = session;
  const { plan } = task;
  const key = kernelKey(device);
  const run: BenchRun = {
    kind: "kernels",
    subject: "kernels",
    backend: "none",
    device: "",
    threads: 0,
    tests: [],
    skipped: [],
    notes: [],
  };
  const options = { ...device, repetitions: repetitionsOf(plan), signal };
  const enter = function* ({ spec, microseconds, bytes, operations, clock, error }: KernelTiming) {
    const id = kernelName(spec);
    if (error) run.skipped.push(`${id}: ${error}`);
    else {
      if (clock === "wall") run.notes.push(`${id}: by the clock of the caller`);
      yield* session.add(run, { id, unit: "µs", warmups: 1, bytes, operations, kernel: spec }, microseconds);
    }
  };
  try {
    await session.watch.beforeOpening();
    const first = yield* session.step({ key, label: `${key}: ceilings` }, () => webgguf.benchKernels([], options));
    Object.assign(run, { backend: first.backend, device: first.device, threads: first.threads });
    for (const [name, unit] of CEILINGS) {
      const samples = first.ceilings?.[name];
      if (samples) yield* session.add(run, { id: `ceiling ${name}`, unit, warmups: 1 }, samples);
    }
    for (const spec of plan.kernels) {
      const label = kernelName(spec);
      const { kernels } = yield* session.step({ key, label }, () =>
        webgguf.benchKernels([spec], { ...options, ceilings: false }),
      );
      for (const timing of kernels) yield* enter(timing);
    }
  } catch (error) {
    run.error = error instanceof Error ? error.message : String(error);
    session.schedule.drop(key);
  }
  session.watch.afterRun(run);
  return run;
}

/** Every strategy at every size of the vocabulary. */
export async function* measureSampling(session: Session): AsyncGenerator<BenchEvent, BenchRun> {
  const { webgguf, signal, task } = session;
  const { plan } = task;
  const { warmups } = plan;
  const run: BenchRun = {
    kind: "sampling",
    subject: "sampling",
    backend: "none",
    device: "JavaScript",
    threads: 0,
    tests: [],
    skipped: [],
    notes: [],
  };
  try {
    for (const vocabularySize of plan.vocabularies) {
      for (const [strategy, sampling] of Object.entries(SAMPLING_STRATEGIES)) {
        const key = samplingKey(strategy, vocabularySize);
        const options = { vocabularySize, sampling, repetitions: repetitionsOf(plan), warmups, signal };
        const { milliseconds } = yield* session.step({ key, label: key }, () => webgguf.benchSampling(options));
        const id = `${strategy}, ${vocabularySize} tokens`;
        yield* session.add(run, { id, unit: "ms", warmups }, milliseconds);
      }
    }
  } catch (error) {
    run.error = error instanceof Error ? error.message : String(error);
    session.schedule.drop("sampling ");
  }
  session.watch.afterRun(run);
  return run;
}
