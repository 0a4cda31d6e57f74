import type { Webgguf } from "../core/api.ts";
import { isModel, measureModel, modelRun, modelUnits } from "./model.ts";
import { kernelUnits, measureKernels, measureSampling, partRun, samplingUnits } from "./parts.ts";
import { type BenchEvent, type BenchTask, Session } from "./session.ts";
import { type BenchReport, type BenchRun, SCHEMA } from "./types.ts";

export type { BenchDevice, BenchEvent, BenchSubject, BenchTask } from "./session.ts";

interface Part {
  readonly run: BenchRun;
  readonly measure: () => AsyncGenerator<BenchEvent, void>;
}

/**
 * Carries a plan out and tells of everything as it happens; the last event, and the generator's result, is the report.
 * Everything is measured in sweeps, one for each time that models are opened, so that a slow spell of the machine is in the
 * spread of every test. What fails is in the report with the reason, and the rest goes on. On the signal it ends soon, with a report of what there is.
 */
export async function* runBench(webgguf: Webgguf, task: BenchTask): AsyncGenerator<BenchEvent, BenchReport> {
  const { plan, subjects, devices, name, build, machine, signal, contextLength, probes } = task;
  const allocations = probes?.allocated !== undefined;
  // An open model has a device of its own.
  const pairs = subjects.flatMap((subject) =>
    (typeof subject.source === "function" ? devices : devices.slice(0, 1)).map((device) => ({ subject, device })),
  );
  const session = new Session(webgguf, task, [
    ...pairs.flatMap(({ subject, device }) => modelUnits(subject, device, plan, { contextLength, allocations })),
    ...devices.flatMap((device) => kernelUnits(device, plan)),
    ...samplingUnits(plan),
  ]);
  const report: BenchReport = {
    schema: SCHEMA,
    name,
    date: new Date().toISOString(),
    build,
    machine,
    plan: { set: plan.set, opens: plan.opens, rounds: plan.rounds, warmups: plan.warmups },
    runs: [],
    warnings: session.watch.warnings,
  };
  const modelPart = ({ subject, device }: (typeof pairs)[number]): Part => {
    // What was asked for names the run until it is known what came of it.
    const run = modelRun(subject, device.backend === "auto" ? "none" : device.backend);
    return { run, measure: () => measureModel(session, run, subject, device) };
  };
  const parts: Part[] = pairs.filter(({ subject }) => !isModel(subject.source)).map(modelPart);
  if (plan.kernels.length > 0) {
    for (const device of devices) {
      const run = partRun("kernels");
      parts.push({ run, measure: () => measureKernels(session, run, device) });
    }
  }
  if (plan.vocabularies.length > 0) {
    const run = partRun("sampling");
    parts.push({ run, measure: () => measureSampling(session, run) });
  }
  // Open models come first, so that they can be closed when they are done.
  const phases = [
    ...pairs.filter(({ subject }) => isModel(subject.source)).map((pair) => ({ parts: [modelPart(pair)], sweeps: 1 })),
    { parts, sweeps: plan.opens },
  ];
  for (const { parts, sweeps } of phases) {
    for (let sweep = 0; sweep < sweeps; sweep++) {
      for (const { run, measure } of parts) {
        if (signal?.aborted) break;
        if (!report.runs.includes(run)) report.runs.push(run);
        if (run.error !== undefined) continue;
        yield* measure();
        const isLast = sweep === sweeps - 1 || run.error !== undefined || signal?.aborted;
        if (isLast) {
          session.watch.afterRun(run);
          yield { type: "run", run };
        }
      }
    }
  }
  if (signal?.aborted) session.watch.warn("stopped", "The run was stopped before it was through.");
  yield { type: "report", report };
  return report;
}
