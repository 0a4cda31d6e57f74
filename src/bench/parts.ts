import type { Ceilings, KernelTiming } from "../core/api.ts";
import { naiveName, naiveProducts, type Product, timeNaive } from "./naive.ts";
import { kernelName } from "./plan.ts";
import { SAMPLING_STRATEGIES } from "./sampling.ts";
import type { Unit as ScheduledUnit } from "./schedule.ts";
import type { BenchDevice, BenchEvent, Session } from "./session.ts";
import type { BenchPlan, BenchRun, Unit } from "./types.ts";

const kernelKey = ({ backend, threads }: BenchDevice) =>
  `kernels on ${backend}${threads ? `, ${threads} threads` : ""}`;

/** Naive products of many tokens take seconds: once is enough. */
const isLong = ({ tokens }: Product) => tokens > 1;

const samplingKey = (strategy: string, vocabularySize: number) => `sampling ${strategy} of ${vocabularySize}`;

/** In the order of `measureKernels`: the ceilings, the kernels, and some of them naively. */
export function kernelUnits(device: BenchDevice, { kernels, opens }: BenchPlan): ScheduledUnit[] {
  if (kernels.length === 0) return [];
  const naive = naiveProducts(kernels);
  const long = naive.filter(isLong).length;
  const each = 1 + kernels.length + naive.length - long;
  return Array.from({ length: opens * each + long }, () => ({ key: kernelKey(device), cost: 20 }));
}

export function samplingUnits({ vocabularies, opens }: BenchPlan): ScheduledUnit[] {
  const once = vocabularies.flatMap((size) =>
    Object.keys(SAMPLING_STRATEGIES).map((strategy) => ({ key: samplingKey(strategy, size), cost: 3 })),
  );
  return Array.from({ length: opens }, () => once).flat();
}

const CEILINGS: readonly [key: keyof Ceilings, unit: Unit][] = [
  ["copy", "GB/s"],
  ["read", "GB/s"],
  ["float32", "GFLOP/s"],
  ["float16", "GFLOP/s"],
  ["int8", "GFLOP/s"],
];

/** A run without anything yet. */
export function partRun(kind: "kernels" | "sampling"): BenchRun {
  const device = kind === "sampling" ? "JavaScript" : "";
  return { kind, subject: kind, backend: "none", device, threads: 0, tests: [], skipped: [], notes: [] };
}

/** Single operations, some rounds of each. Ceilings are tests of the same run: `ceiling copy` and so on. */
export async function* measureKernels(
  session: Session,
  run: BenchRun,
  device: BenchDevice,
): AsyncGenerator<BenchEvent, void> {
  const { webgguf, signal, task } = session;
  const { plan } = task;
  const key = kernelKey(device);
  const perOpening = { samplesPerOpening: plan.rounds };
  const options = { ...device, repetitions: plan.rounds, signal };
  const note = (list: string[], text: string) => list.includes(text) || list.push(text);
  const enter = function* ({ spec, microseconds, bytes, operations, clock, error }: KernelTiming) {
    const id = kernelName(spec);
    if (error) note(run.skipped, `${id}: ${error}`);
    else {
      if (clock === "wall") note(run.notes, `${id}: by the clock of the caller`);
      yield* session.add(
        run,
        { id, unit: "µs", warmups: 1, ...perOpening, bytes, operations, kernel: spec },
        microseconds,
      );
    }
  };
  try {
    await session.watch.beforeOpening();
    const first = yield* session.step({ key, label: `${key}: ceilings` }, () => webgguf.benchKernels([], options));
    Object.assign(run, { backend: first.backend, device: first.device, threads: first.threads });
    for (const [name, unit] of CEILINGS) {
      const samples = first.ceilings?.[name];
      if (samples) yield* session.add(run, { id: `ceiling ${name}`, unit, warmups: 1, ...perOpening }, samples);
    }
    for (const spec of plan.kernels) {
      const label = kernelName(spec);
      const { kernels } = yield* session.step({ key, label }, () =>
        webgguf.benchKernels([spec], { ...options, ceilings: false }),
      );
      for (const timing of kernels) yield* enter(timing);
    }
    for (const product of naiveProducts(plan.kernels)) {
      const id = naiveName(product);
      note(run.notes, "naive: three loops in JavaScript over float32 numbers, on one thread");
      if (isLong(product) && run.tests.some((test) => test.id === id)) continue;
      const repetitions = isLong(product) ? 1 : plan.rounds;
      const timing = yield* session.step({ key, label: id }, () => timeNaive(product, repetitions, signal));
      const { microseconds, ...cost } = timing;
      const test = { id, unit: "µs", warmups: 1, samplesPerOpening: repetitions, ...cost } as const;
      yield* session.add(run, test, microseconds);
    }
  } catch (error) {
    run.error = error instanceof Error ? error.message : String(error);
    session.schedule.drop(key);
  }
}

/** Every strategy at every size of the vocabulary, some rounds of each. */
export async function* measureSampling(session: Session, run: BenchRun): AsyncGenerator<BenchEvent, void> {
  const { webgguf, signal, task } = session;
  const { plan } = task;
  const { warmups } = plan;
  try {
    for (const vocabularySize of plan.vocabularies) {
      for (const [strategy, sampling] of Object.entries(SAMPLING_STRATEGIES)) {
        const key = samplingKey(strategy, vocabularySize);
        const options = { vocabularySize, sampling, repetitions: plan.rounds, warmups, signal };
        const { milliseconds } = yield* session.step({ key, label: key }, () => webgguf.benchSampling(options));
        const id = `${strategy}, ${vocabularySize} tokens`;
        yield* session.add(run, { id, unit: "ms", warmups, samplesPerOpening: plan.rounds }, milliseconds);
      }
    }
  } catch (error) {
    run.error = error instanceof Error ? error.message : String(error);
    session.schedule.drop("sampling ");
  }
}
